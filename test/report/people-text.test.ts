import { expect, test } from 'vitest'
import { peopleMessage, peopleText, reasonOf, shortTitle } from '../../lib/report/people-text.ts'

const uid = '7875d683-0000-410a-8000-00000000010a'

test.each([
  [
    'eks:UpdateClusterVersion arn:aws:eks:eu-west-1:111122223333:cluster/photo',
    'eks:UpdateClusterVersion cluster photo',
  ],
  [
    `eks:DeleteNodegroup arn:aws:eks:eu-west-1:111122223333:nodegroup/photo/web/${uid}`,
    'eks:DeleteNodegroup node group web',
  ],
  [
    `eks:UpdateAddon arn:aws-cn:eks:cn-north-1:111122223333:addon/photo/vpc-cni/${uid}`,
    'eks:UpdateAddon add-on vpc-cni',
  ],
  [
    `arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:${uid}:autoScalingGroupName/eks-web-1-33-${uid} is`,
    'group eks-web-1-33 is',
  ],
  [`kubernetes:CreateEviction photos/web-1 ${uid}`, 'kubernetes:CreateEviction photos/web-1'],
  [`update ${uid} of photo: UPDATING`, `update ${uid} of photo: UPDATING`],
])('For people, %s is short', (exact, short) => {
  expect(peopleText(exact)).toBe(short)
})

test('Names cannot move the cursor or begin a line', () => {
  const object = 'node a\u001b[2J\nDONE'
  for (const code of ['M020', 'M030', 'M031', 'M032'])
    expect(
      peopleMessage({ code, text: `cordon of ${object}`, data: { kind: 'cordon', object } }),
    ).not.toMatch(/\p{Cc}/u)
})

test('A pause says which processes stand still, of which group', () => {
  const object = `arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:${uid}:autoScalingGroupName/eks-web-${uid}`
  const data = { kind: 'asg-processes', object, restore: { processes: ['Launch', 'AZRebalance'] } }
  expect(peopleMessage({ code: 'M030', text: `Paused asg-processes of ${object}`, data })).toBe(
    'Paused Auto Scaling processes Launch, AZRebalance of group eks-web',
  )
})

test('What went with its node group is one line', () => {
  const objects = ['a', 'b'].map((object) => ({ kind: 'cordon', object }))
  const data = { gone: true, objects: [...objects, { kind: 'asg-processes', object: 'c' }] }
  expect(peopleMessage({ code: 'M031', text: '3 paused objects are gone', data })).toBe(
    '2 nodes and 1 Auto Scaling group are gone: nothing to restore',
  )
})

test('A long reason at the end of a title is told apart from it, a short remark is not', () => {
  const title = 'Update add-on coredns (works on both minors; in this place because its pods need routes)'
  expect([shortTitle(`${title}: done`), reasonOf(title)]).toEqual([
    'Update add-on coredns: done',
    'works on both minors; in this place because its pods need routes',
  ])
  expect([shortTitle('Create group web (AL2023)'), reasonOf('Create group web (AL2023)')]).toEqual([
    'Create group web (AL2023)',
    undefined,
  ])
})
