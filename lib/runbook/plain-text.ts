/**
 * Text from a cluster or an API as one harmless line: terminal sequences, control characters (C0, C1),
 * line separators and characters that change the direction of writing are gone, white space is a single space.
 */
export const plainText = (text: string): string =>
  text
    .replace(terminalSequences, '')
    .replace(/[\s\u2028\u2029]+/gu, ' ')
    .replace(invisible, '')
    .trim()

/** CSI, OSC, DCS and the like, begun by ESC or by their C1 forms, and two-character escapes. */
const terminalSequences = new RegExp(
  [
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    '(?:\\u001b[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?',
    '\\u001b[ -/]*[0-~]',
  ].join('|'),
  'gu',
)

/** Control (Cc), format (Cf: bidi marks, zero width, soft hyphen), surrogates and private use. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu
