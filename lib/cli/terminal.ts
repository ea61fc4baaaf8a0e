import tty from 'node:tty'

/** The process's surroundings, as commands see them. Tests give their own. */
export interface Terminal {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: { readonly [name: string]: string | undefined }
  readonly cwd: string
  /** True when a person can be asked: stdin and stdout are terminals. */
  readonly interactive: boolean
  /** Colour and cursor movement on stdout; off with NO_COLOR, CI or a pipe. */
  readonly lively: boolean
}

export interface Sink {
  readonly write: (text: string) => void
}

/** The real one. */
export const processTerminal = (): Terminal => {
  const quiet = Boolean(process.env['NO_COLOR']) || isOn(process.env['CI']) || process.env['TERM'] === 'dumb'
  return {
    stdout: { write: (text) => void process.stdout.write(text) },
    stderr: { write: (text) => void process.stderr.write(text) },
    env: process.env,
    cwd: process.cwd(),
    interactive: tty.isatty(0) && tty.isatty(1) && !isOn(process.env['CI']),
    lively: tty.isatty(1) && process.stdout.columns >= narrowest && !quiet,
  }
}

/** Columns below which a drawing is unreadable; a terminal that does not know its width says 0. */
const narrowest = 60

const isOn = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== 'false'
