import { Command, Option } from 'commander'
import type { Output } from './cli.ts'

/** A command with what all have in common: `--state`, `--fleet`, `--output`, and a worked example in its help. */
export const newCommand = (
  name: string,
  summary: string,
  details: { readonly example: string; readonly outputs?: readonly Output[] },
): Command =>
  new Command(name)
    .description(summary)
    .addOption(new Option('--state <folder>', 'folder or s3://bucket/prefix that keeps runs and locks'))
    .addOption(new Option('--fleet <file>', 'fleet file (else EKS_RUNBOOK_FLEET, else ./fleet.yaml)'))
    .addOption(
      new Option('--output <form>', 'form of what goes to stdout')
        .choices([...(details.outputs ?? ['text', 'json'])])
        .default((details.outputs ?? ['text'])[0]),
    )
    .addHelpText('after', `\nExample:\n${indent(details.example)}\n`)
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError(false)
    .allowExcessArguments(false)

const indent = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => `  ${line.trim()}`)
    .join('\n')
