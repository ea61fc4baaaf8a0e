import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { loadRunbook, runbookIds } from '../runbook-files.ts'

/** `eks-runbook list` */
const list: MakeCommand = (cli) =>
  newCommand('list', 'List the runbooks, one line each.', {
    example: 'eks-runbook list',
  }).action(async (options: CommonOptions) => {
    const runbooks = await Promise.all(runbookIds().map(loadRunbook))
    if (options.output === 'json') {
      writeJson(cli, { runbooks: runbooks.map(({ id, title, about }) => ({ id, title, about })) })
      return
    }
    const width = Math.max(...runbooks.map(({ id }) => id.length))
    writeText(cli, runbooks.map(({ id, title }) => `${id.padEnd(width)}  ${title}`).join('\n'))
  })

export default list
