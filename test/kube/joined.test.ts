import { expect, test } from 'vitest'
import { joined } from '../../lib/kube/joined.ts'

/** Answers the number of the question among those that were really asked. */
const counting = () => {
  const asked: string[] = []
  const ask = joined(async ({ name }: { readonly name: string }) => asked.push(name))
  return { ask, asked }
}

test('equal questions of the same moment are asked once', async () => {
  const { ask, asked } = counting()
  expect(await Promise.all([ask({ name: 'pods' }), ask({ name: 'pods' })])).toEqual([1, 1])
  expect(asked).toEqual(['pods'])
})

test('different questions are asked each', async () => {
  const { ask, asked } = counting()
  await Promise.all([ask({ name: 'pods' }), ask({ name: 'nodes' })])
  expect(asked).toEqual(['pods', 'nodes'])
})

test('a question put once the same one is under way is asked anew: its answer is not older than itself', async () => {
  const under: string[] = []
  const answer = Promise.withResolvers<string>()
  const ask = joined(async (name: string) => {
    under.push(name)
    return under.length === 1 ? answer.promise : 'newer'
  })
  const first = ask('pods')
  await Promise.resolve()
  expect(under).toEqual(['pods'])
  const second = ask('pods')
  answer.resolve('older')
  expect([await first, await second]).toEqual(['older', 'newer'])
})

test('a refusal goes to all who asked, and the next question is asked anew', async () => {
  let refusals = 0
  const ask = joined(async (_name: string) => {
    refusals += 1
    if (refusals === 1) throw new Error('forbidden')
    return 'allowed'
  })
  const together = await Promise.allSettled([ask('pods'), ask('pods')])
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await ask('pods')).toBe('allowed')
})
