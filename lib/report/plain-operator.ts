import type { Clock } from '../runbook/clock.ts'
import type { Message, Operator } from '../runbook/operator.ts'
import { plainText } from '../runbook/plain-text.ts'
import { peopleMessage } from './people-text.ts'

/** Where lines go, and who answers questions. */
export interface OperatorSurroundings {
  readonly write: (text: string) => void
  readonly clock: Clock
  /** Asks a person; resolves false where nobody is there. */
  readonly ask: (question: string) => Promise<boolean>
}

/** A line with a timestamp for each message worth reading: for pipes, logs, NO_COLOR and CI. */
export const createPlainOperator = ({ write, clock, ask }: OperatorSurroundings): Operator => {
  const told = new Map<unknown, number>()
  const isTooSoon = ({ code, data }: Message): boolean => {
    if (code !== waiting) return false
    const last = told.get(data?.['step'])
    if (last !== undefined && clock.now() - last < 1000 * secondsBetweenWaits) return true
    told.set(data?.['step'], clock.now())
    return false
  }
  return {
    tell: (message) => {
      if (message.code !== answered && !isTooSoon(message)) write(`${plainLine(message, clock)}\n`)
    },
    confirm: (question) => ask(plainText(question.text)),
  }
}

const waiting = 'M012'
/** How often a line says that a step still waits. */
const secondsBetweenWaits = 60

/** That a call was answered is worth a line for programs only: people have read that it was made. */
const answered = 'M021'

/** `2026-09-23 07:12:40  text`, UTC. */
const plainLine = (message: Message, clock: Clock): string => {
  const at = new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ')
  return `${at}  ${peopleMessage(message)}`
}

/** A JSON line for each message: for `--output json`, on stderr. */
export const createJsonOperator = ({ write, clock, ask }: OperatorSurroundings): Operator => ({
  tell: ({ code, text, data }) => {
    const at = new Date(clock.now()).toISOString()
    write(`${JSON.stringify({ at, code, text: plainText(text), ...(data ? { data } : {}) })}\n`)
  },
  confirm: (question) => ask(plainText(question.text)),
})
