/** A file that is printed from code. */
export interface Page {
  /** From the root of the checkout. */
  readonly path: string
  readonly text: string
}

/** A Markdown table. Bars in cells are escaped. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  row(head),
  row(head.map(() => '---')),
  ...rows.map(row),
]

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
