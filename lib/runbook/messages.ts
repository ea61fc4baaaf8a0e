import type { Json } from './json.ts'
import type { Operator } from './operator.ts'

/** What each message means. docs/messages.md is printed from this table. Codes are stable. */
export const messageCodes = {
  // M00x: the run
  M001: 'A run starts',
  M002: 'A run goes on in a new process',
  M003: 'A run has reached its end',
  M004: 'A run failed; what it had paused was restored',
  M005: 'A run stopped at a safe point and can be gone on with',
  M006: 'A run waits for fresh credentials',
  M007: 'There was nothing to do',
  // M01x: steps
  M010: 'A step starts',
  M011: 'A step finds its state already reached',
  M012: 'A step waits; says what for, how long it took so far and how long it usually takes',
  M013: 'A step is done',
  M014: 'A step failed or was stopped',
  M015: 'A check found something that an operator should know',
  // M02x: actions
  M020: 'A call that moves the world is about to be made',
  M021: 'The call was answered',
  M022: 'It is not known whether the call had its effect; its token is kept for the next attempt',
  // M03x: pauses
  M030: 'Something was taken out of service for a while',
  M031: 'What was paused is back in service, or gone',
  M032: 'What was paused could not be restored',
  M033: 'What was paused stays so, as the plan says',
  // M04x: journal and lock
  M040: 'The last line of the journal was torn by a crash and is dropped',
  M041: 'Another process may hold the lock: its lease is watched',
  M042: 'The lock was taken from another owner',
  // M05x: the way back
  M050: 'An undo starts',
  M051: 'A step is being undone',
  M052: 'A step is undone',
  M053: 'A step has no way back: undo stops',
  M054: 'A run is undone',
  M055: 'A repair starts: what a run left paused is restored',
  M056: 'A repair is done',
  // M06x: planning
  M060: 'The survey reads the world',
  M061: 'The checks of the plan are made',
  M062: 'The first call to AWS is made; says to which account and with which profile',
  M063: 'An import reads the cluster',
  M064: 'A rehearsal runs on the twin',
  // M07x: staging before production
  M070: 'The gate is passed; says by which evidence, approval or broken glass',
  M071: 'A step was held against the same step of the run that proved it',
  M072: 'A step went otherwise than on staging: the run waits for a yes',
  M073: 'Somebody accepted the differences of a step',
  M074: 'Evidence was signed and kept',
  M075: 'The run is done, but its evidence could not be signed',
} as const satisfies { readonly [code: string]: string }

export type MessageCode = keyof typeof messageCodes

/** Tells the operator; only codes of the table can be used. */
export const tell = (
  operator: Operator,
  code: MessageCode,
  message: { readonly text: string; readonly data?: { readonly [key: string]: Json | undefined } },
): void => operator.tell({ code, ...message })
