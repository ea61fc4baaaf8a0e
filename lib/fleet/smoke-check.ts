import { z } from 'zod'

const said = (expected: string) => ({ error: expected })

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/
const aName = 'a short name of lower-case letters, digits and -'

const patience = {
  timeoutSeconds: z
    .int(said('whole seconds, 1 to 300'))
    .min(1, said('whole seconds, 1 to 300'))
    .max(300, said('whole seconds, 1 to 300'))
    .default(10)
    .describe('Longest time of one try'),
  retries: z
    .int(said('a whole number, 0 to 20'))
    .min(0, said('a whole number, 0 to 20'))
    .max(20, said('a whole number, 0 to 20'))
    .default(2)
    .describe('Further tries before it counts as failed'),
}

const checkName = z.string(said(aName)).regex(namePattern, aName).describe('Name in findings')

/** What is in the user and password of an address would stand in a file that many read. */
const address = z
  .url({ protocol: /^https?$/, error: 'an http or https address', abort: true })
  .refine((url) => {
    const { username, password } = new URL(url)
    return username === '' && password === ''
  }, said('an address without user and password (a command can log in by itself)'))
  .describe('Address to GET; redirects are not followed')

const anHttpStatus = 'an HTTP status, 100 to 599'
const status = z
  .int(said(anHttpStatus))
  .min(100, said(anHttpStatus))
  .max(599, said(anHttpStatus))
  .default(200)
  .describe('Status that counts as well')

/**
 * A qualified name: https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#condition-v1-meta
 */
const aCondition = 'the type of a condition, such as Available'
const condition = z
  .string(said(aCondition))
  .regex(/^[A-Za-z0-9]([A-Za-z0-9./_-]{0,314}[A-Za-z0-9])?$/, aCondition)
  .describe('Condition that must be True, such as Available')

const anObject = 'resource/namespace/name, such as deployments.apps/photos/web'
const object = z
  .string(said(anObject))
  .regex(/^[a-z][a-z0-9.]{0,62}\/[a-z0-9.-]{1,253}\/[a-z0-9.-]{1,253}$/, anObject)
  .describe('Object, such as deployments.apps/photos/web')

const aCommand = 'a list of a program and its arguments, never a shell line'
// No argument of a program can hold NUL: https://pubs.opengroup.org/onlinepubs/9799919799/functions/exec.html
const word = z.string(said('a text, in quotes')).regex(/^[^\0]+$/, 'a text that is not empty and without NUL')
const command = z
  .array(word, said(aCommand))
  .min(1, said(aCommand))
  .describe('Program and arguments, never a shell line')

/** A check of the team, as fleet.yaml has it. */
export const smokeCheck = z.union(
  [
    z.strictObject({ name: checkName, http: address, status, ...patience }),
    z.strictObject({ name: checkName, condition, of: object, ...patience }),
    z.strictObject({ name: checkName, command, ...patience }),
  ],
  said('a name with exactly one of http, condition (with of) or command'),
)

/** A check that a team brings along. */
export type SmokeCheck = z.output<typeof smokeCheck>
