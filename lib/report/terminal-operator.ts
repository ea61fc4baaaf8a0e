import { Listr, ListrLogger, ProcessOutput, type ListrTaskWrapper } from 'listr2'
import type { Message, Operator } from '../runbook/operator.ts'
import { plainText } from '../runbook/plain-text.ts'
import { peopleMessage, shortTitle } from './people-text.ts'
import type { OperatorSurroundings } from './plain-operator.ts'

/** A task for each step, drawn live; `close` before anything else is written. */
export interface TerminalOperator extends Operator {
  readonly close: () => Promise<void>
}

export interface TerminalSurroundings extends OperatorSurroundings {
  /** Steps in the order in which they will be walked. */
  readonly steps: readonly { readonly id: string; readonly title: string }[]
  readonly stdout: NodeJS.WriteStream
}

interface StepTask {
  readonly id: string
  readonly title: string
  readonly ended: PromiseWithResolvers<void>
  /** How the step goes, shown under its title. */
  output: string
  wrapper: Wrapper | undefined
  isOver: boolean
}

// listr2's own type of a task with any renderer.
type Wrapper = Pick<ListrTaskWrapper<object, never, never>, 'output' | 'title'>

/** Draws with listr2. Everything shown is also told by the plain renderer, in the same words. */
export const createTerminalOperator = (surroundings: TerminalSurroundings): TerminalOperator => {
  let tasks = surroundings.steps.map(toTask)
  const later: string[] = []
  let drawing: Promise<unknown> | undefined
  const show = (message: Message) => {
    const text = peopleMessage(message)
    const named = tasks.find(({ id }) => id === message.data?.['step'])
    const task = named ?? (passing.has(message.code) ? tasks.find(isRunning) : undefined)
    if (named && !drawing) drawing = draw(tasks, surroundings.stdout)
    if (!drawing) surroundings.write(`${text}\n`)
    else if (task) follow(task, message.code, text)
    if (drawing && (!task || notable.has(message.code))) later.push(text)
  }
  const close = async (why = 'not reached') => {
    for (const { ended } of tasks) ended.reject(new Error(why))
    await drawing
    drawing = undefined
    for (const text of later.splice(0)) surroundings.write(`${text}\n`)
  }
  return {
    tell: show,
    confirm: async (question) => {
      await close('waits for a yes')
      const answer = await surroundings.ask(plainText(question.text))
      tasks = tasks.filter(({ isOver }) => !isOver).map(toTask)
      return answer
    },
    close: () => close(),
  }
}

const toTask = ({ id, title }: { readonly id: string; readonly title: string }): StepTask => {
  const ended = Promise.withResolvers<void>()
  // A step that fails before listr2 comes to it is told by listr2 later.
  ended.promise.catch(() => undefined)
  return { id, title: shortTitle(plainText(title)), ended, output: '', wrapper: undefined, isOver: false }
}

const isRunning = (task: StepTask): boolean => task.wrapper !== undefined && !task.isOver

/** Calls and pauses: shown under the step that makes them, replaced by what comes next. */
const passing = new Set(['M020', 'M021', 'M030', 'M031'])
const finished = new Set(['M011', 'M013', 'M052'])
const failed = new Set(['M014', 'M053'])
/** What stays on the screen after the drawing. */
const notable = new Set(['M015', 'M022', 'M032', 'M040', 'M042', 'M072', 'M073'])

const follow = (task: StepTask, code: string, text: string): void => {
  task.output = text
  if (task.wrapper) task.wrapper.output = text
  task.isOver ||= finished.has(code) || failed.has(code)
  if (finished.has(code)) {
    if (code === 'M011' && task.wrapper) task.wrapper.title = `${task.title} (already so)`
    task.ended.resolve()
  }
  if (failed.has(code)) task.ended.reject(new Error(text))
}

const draw = async (tasks: readonly StepTask[], stdout: NodeJS.WriteStream): Promise<void> => {
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stdout, stdout) })
  const listr = new Listr<object, 'default', 'simple'>(
    tasks.map((step) => ({
      title: step.title,
      task: async (_context: object, wrapper) => {
        step.wrapper = wrapper as unknown as Wrapper
        if (step.output !== '') wrapper.output = step.output
        await step.ended.promise
      },
    })),
    {
      renderer: 'default',
      rendererOptions: { collapseErrors: false, logger },
      fallbackRendererOptions: { logger },
      exitOnError: true,
      registerSignalListeners: false,
    },
  )
  await listr.run().catch(() => undefined)
}
