import { existsSync } from 'node:fs'
import { fleetPath } from '../../fleet/read-fleet.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { openSigner, trustedAs, type OpenSigner } from '../open-signer.ts'
import { readCliFleet } from '../open-target.ts'
import { machineKey } from '../signing-key.ts'

/** `eks-runbook evidence key` */
const evidenceKey: MakeCommand = (cli) =>
  newCommand('key', 'Print the public key that signs here, for fleet.yaml; makes it on first use.', {
    example: 'eks-runbook evidence key',
  }).action(async (options: CommonOptions) => {
    const { signer, place, name } = await keyHere(cli, options)
    const { keyLine: key, keyId } = signer
    if (options.output === 'json') {
      writeJson(cli, { key, keyId, place, ...(name === undefined ? {} : { trustedAs: name }) })
      return
    }
    writeText(cli, key)
    cli.terminal.stderr.write(
      name === undefined
        ? `Its private half is ${place}. Add to evidence.signers of fleet.yaml: { name: <whose it is>, key: <the line above> }\n`
        : `Its private half is ${place}. fleet.yaml trusts it as ${name}\n`,
    )
  })

export default evidenceKey

/** Before there is a fleet file, the key of this machine. */
const keyHere = async (
  cli: Cli,
  { fleet: option }: CommonOptions,
): Promise<OpenSigner & { readonly name?: string }> => {
  const { env, cwd } = cli.terminal
  const isNamed = option !== undefined || Boolean(env['EKS_RUNBOOK_FLEET'])
  if (!isNamed && !existsSync(fleetPath({ option, env, cwd }))) {
    const { signer, file } = machineKey(cli.terminal)
    return { signer, place: file }
  }
  const { fleet } = readCliFleet(cli, option)
  const opened = await openSigner(cli, fleet)
  const name = trustedAs(fleet, opened.signer)
  return { ...opened, ...(name === undefined ? {} : { name }) }
}
