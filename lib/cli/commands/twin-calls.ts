import { plainText } from '../../runbook/plain-text.ts'
import { callsDocument, type CallsDocument } from '../../report/schemas/calls.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { twinFolder } from '../state-folder.ts'
import { askTwin } from '../twin-client.ts'

interface Options extends CommonOptions {
  readonly service?: string
  readonly since?: string
}

/** `eks-runbook twin calls` */
const twinCalls: MakeCommand = (cli) =>
  newCommand('calls', 'Print the calls that reached the twin, in order.', {
    example:
      "eks-runbook twin calls --service eks\neks-runbook twin calls --output json | jq '.calls[] | select(.effect)'",
  })
    .option('--service <service>', 'only calls of this service: eks, ec2, kubernetes, …')
    .option('--since <time>', 'only calls from this virtual time on (ISO 8601)')
    .action(async (options: Options) => {
      const query = new URLSearchParams()
      if (options.service !== undefined) query.set('service', options.service)
      if (options.since !== undefined) query.set('since', options.since)
      const answer = await askTwin(
        twinFolder(options.state, cli.terminal),
        'GET',
        `/calls?${query.toString()}`,
      )
      const document = callsDocument.parse(answer)
      if (options.output === 'json') writeJson(cli, document)
      else writeText(cli, document.calls.map(callLine).join('\n') || 'No calls yet.')
    })

export default twinCalls

const callLine = (call: CallsDocument['calls'][number]): string => {
  const who = call.principal.split('/').slice(1).join('/') || call.principal
  const end = call.error ? `${call.error.code}: ${call.error.message}` : (call.effect ?? '')
  const repeated = call.repeated ? ' (repeated)' : ''
  return plainText(
    `${call.at.slice(11, 19)} ${`${call.service}:${call.operation}`.padEnd(34)} ${who.padEnd(18)} ${end}${repeated}`,
  )
}
