import type { Json } from './json.ts'

/** Everything shown to the operator. `code` is stable (see messages.ts), `text` is for people, `data` for programs. */
export interface Message {
  readonly code: string
  readonly text: string
  readonly data?: { readonly [key: string]: Json | undefined }
}

/** The one seam for what is shown and asked; terminal, plain lines and JSON lines are renderers of it. */
export interface Operator {
  readonly tell: (message: Message) => void
  /** Asks for a yes; resolves false where nobody can answer. */
  readonly confirm: (question: Message) => Promise<boolean>
}
