/** What there is to tell of an import. All texts are harmless lines. */
export interface ImportReport {
  readonly cluster: string
  /** Where the world was written. */
  readonly file: string
  readonly bytes: number
  /** Of the wall clock. */
  readonly seconds: number
  /** Kubernetes objects read. */
  readonly read: number
  /** What the file holds, by kind. */
  readonly taken: { readonly [kind: string]: number }
  readonly leftOut: readonly { readonly count: number | 'not read'; readonly why: string }[]
}

/** What an import took and what it left out, for people. */
export const importText = (report: ImportReport): string => {
  const { cluster, file, bytes, seconds, read, taken, leftOut } = report
  const rows = leftOut.map(({ count, why }) => `  ${String(count).padStart(width(leftOut))}  ${why}`)
  return [
    `Imported ${cluster}: ${file} (${sizeOf(bytes)}), ${read} objects read in ${seconds.toFixed(1)} s.`,
    `Took ${listOf(taken)}.`,
    'In this world the one principal may do everything in Kubernetes: a rehearsal changes what you only read.',
    '',
    'Left out:',
    ...rows,
    '',
    `Try it:    eks-runbook twin start --world ${file}`,
  ].join('\n')
}

const width = (leftOut: ImportReport['leftOut']): number =>
  Math.max(0, ...leftOut.map(({ count }) => String(count).length))

const sizeOf = (bytes: number): string =>
  bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`

const listOf = (taken: ImportReport['taken']): string =>
  Object.entries(taken)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')
