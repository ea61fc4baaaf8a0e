import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { createJsonOperator, createPlainOperator } from '../../lib/report/plain-operator.ts'
import { createTerminalOperator } from '../../lib/report/terminal-operator.ts'
import type { Clock } from '../../lib/runbook/clock.ts'

const clock: Clock = { now: () => Date.parse('2026-09-23T07:12:40Z'), sleep: () => Promise.resolve() }

const surroundings = (answer = false) => {
  const lines: string[] = []
  const questions: string[] = []
  return {
    lines,
    questions,
    clock,
    write: (text: string) => void lines.push(text),
    ask: async (question: string) => {
      questions.push(question)
      return answer
    },
  }
}

const evil = { code: 'M012', text: 'pod \u001b[2Jshop/cart\nDONE', data: { step: 'drain' } }

test('A plain line has a time and the text, and nothing that a terminal obeys', () => {
  const around = surroundings()
  createPlainOperator(around).tell(evil)
  expect(around.lines).toEqual(['2026-09-23 07:12:40  pod shop/cart DONE\n'])
})

test('In lines, a step says once a minute that it still waits', () => {
  const around = surroundings()
  const time = { seconds: 0 }
  const operator = createPlainOperator({ ...around, clock: { ...clock, now: () => time.seconds * 1000 } })
  for (const step of ['drain', 'soak'])
    for (time.seconds = 0; time.seconds <= 120; time.seconds += 20)
      operator.tell({ code: 'M012', text: `${step} waits`, data: { step } })
  expect(around.lines.map((line) => line.slice(11).trim())).toEqual([
    '00:00:00  drain waits',
    '00:01:00  drain waits',
    '00:02:00  drain waits',
    '00:00:00  soak waits',
    '00:01:00  soak waits',
    '00:02:00  soak waits',
  ])
})

test('A JSON line has time, code, text and data', () => {
  const around = surroundings()
  createJsonOperator(around).tell(evil)
  expect(around.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { at: '2026-09-23T07:12:40.000Z', code: 'M012', text: 'pod shop/cart DONE', data: { step: 'drain' } },
  ])
})

test('A question goes to whoever can answer', async () => {
  const around = surroundings(true)
  expect(await createPlainOperator(around).confirm({ code: 'M001', text: 'Go?' })).toBe(true)
  expect(around.questions).toEqual(['Go?'])
})

const drawn = (answer = false) => {
  const stream = new PassThrough()
  const frames: string[] = []
  stream.on('data', (chunk: Buffer) => frames.push(chunk.toString()))
  const stdout = Object.assign(stream, {
    isTTY: true,
    columns: 100,
    rows: 40,
  }) as unknown as NodeJS.WriteStream
  const around = surroundings(answer)
  const steps = [
    { id: 'control-plane', title: 'Upgrade the control plane' },
    { id: 'drain', title: 'Drain node group web' },
  ]
  return { around, frames, operator: createTerminalOperator({ ...around, steps, stdout }) }
}

test('On a terminal each step is a task that ends with its step', async () => {
  const { frames, operator } = drawn()
  operator.tell({ code: 'M010', text: 'Upgrade the control plane', data: { step: 'control-plane' } })
  operator.tell({ code: 'M013', text: 'done', data: { step: 'control-plane' } })
  operator.tell({ code: 'M010', text: 'Drain', data: { step: 'drain' } })
  operator.tell({ code: 'M013', text: 'done', data: { step: 'drain' } })
  await operator.close()
  const screen = stripVTControlCharacters(frames.join(''))
  expect(screen).toContain('✔ Upgrade the control plane')
  expect(screen).toContain('✔ Drain node group web')
})

test('A step that fails is drawn as failed, and what follows is not drawn as done', async () => {
  const { frames, operator } = drawn()
  operator.tell({ code: 'M010', text: 'Upgrade', data: { step: 'control-plane' } })
  operator.tell({ code: 'M014', text: 'update 5f2c Failed', data: { step: 'control-plane' } })
  await operator.close()
  const screen = stripVTControlCharacters(frames.join(''))
  expect(screen).toContain('✖ Upgrade the control plane')
  expect(screen).toContain('update 5f2c Failed')
  expect(screen).not.toContain('✔')
})

test('What belongs to no step is written in lines, findings after the drawing', async () => {
  const { around, operator } = drawn()
  operator.tell({ code: 'M001', text: 'Run 2026-09-23-a1 starts' })
  operator.tell({ code: 'M010', text: 'Upgrade', data: { step: 'control-plane' } })
  operator.tell({ code: 'M015', text: 'one replica only', data: { step: 'control-plane' } })
  operator.tell({ code: 'M013', text: 'done', data: { step: 'control-plane' } })
  await operator.close()
  expect(around.lines).toEqual(['Run 2026-09-23-a1 starts\n', 'one replica only\n'])
})

test('After a question in the middle the steps that are left are drawn, and those that are over are not', async () => {
  const { around, frames, operator } = drawn(true)
  operator.tell({ code: 'M010', text: 'Upgrade', data: { step: 'control-plane' } })
  operator.tell({ code: 'M013', text: 'done', data: { step: 'control-plane' } })
  operator.tell({ code: 'M072', text: 'slower than there', data: { step: 'control-plane' } })
  expect(await operator.confirm({ code: 'M072', text: 'Go on?' })).toBe(true)
  const asked = frames.length
  operator.tell({ code: 'M073', text: 'accepted', data: { step: 'control-plane' } })
  operator.tell({ code: 'M010', text: 'Drain', data: { step: 'drain' } })
  operator.tell({ code: 'M013', text: 'done', data: { step: 'drain' } })
  await operator.close()
  const after = stripVTControlCharacters(frames.slice(asked).join(''))
  expect(around.questions).toEqual(['Go on?'])
  expect(around.lines).toEqual(['slower than there\n', 'accepted\n'])
  expect(after).toContain('✔ Drain node group web')
  expect(after).not.toContain('Upgrade the control plane')
})
