import { Argument, type Command } from 'commander'
import { writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { completionScript, type CompletionWords } from '../completion-script.ts'
import { inputOptions } from '../inputs.ts'
import { loadRunbook, runbookIds } from '../runbook-files.ts'

/** `eks-runbook completion bash|zsh|fish` */
const completion: MakeCommand = (cli) =>
  newCommand('completion', 'Print shell completion.', {
    example:
      'eval "$(eks-runbook completion bash)"\neks-runbook completion fish > ~/.config/fish/completions/eks-runbook.fish',
    outputs: ['text'],
  })
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish', _options: CommonOptions) => {
      writeText(cli, completionScript(shell, await words(cli)))
    })

export default completion

const words = async (cli: Cli): Promise<CompletionWords> => {
  const commands = await Promise.all(
    cli.commands.map(async ({ name, summary, load }) => {
      const command = await (await load()).default(cli, [])
      return {
        name,
        summary,
        words: [
          ...command.commands.map((child) => child.name()),
          ...(takesRunbook.has(name) ? runbookIds() : []),
        ],
        options: [...new Set([command, ...command.commands].flatMap(longOptions))],
      }
    }),
  )
  const runbooks = await Promise.all(runbookIds().map(loadRunbook))
  return {
    commands,
    inputs: [...new Set(runbooks.flatMap((item) => inputOptions(item).map(({ flag }) => flag)))],
  }
}

const longOptions = (command: Command): readonly string[] =>
  command.options.flatMap(({ long }) => (long ? [long] : []))

const takesRunbook = new Set(['plan', 'run', 'explain'])
