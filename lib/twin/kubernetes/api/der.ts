/** The few forms of ASN.1 DER that a certificate is made of. Source: ITU-T X.690, https://www.itu.int/rec/T-REC-X.690 */
const element = (tag: number, ...content: readonly Uint8Array[]): Uint8Array => {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(body.length)]), body])
}

const lengthBytes = (length: number): readonly number[] => {
  if (length < 0x80) return [length]
  const bytes = base256(length)
  return [0x80 | bytes.length, ...bytes]
}

const base256 = (number: number): readonly number[] =>
  number < 256 ? [number] : [...base256(Math.floor(number / 256)), number % 256]

export const sequence = (...content: readonly Uint8Array[]): Uint8Array => element(0x30, ...content)

export const set = (...content: readonly Uint8Array[]): Uint8Array => element(0x31, ...content)

/** A positive integer below 2^53. */
export const integer = (value: number): Uint8Array => {
  const bytes = base256(value)
  return element(0x02, Buffer.from((bytes[0] ?? 0) > 0x7f ? [0, ...bytes] : bytes))
}

/** A positive integer of any size from its bytes, most significant first. */
export const positive = (bytes: Uint8Array): Uint8Array => {
  const from = bytes.findIndex((byte) => byte !== 0)
  const digits = from < 0 ? Buffer.from([0]) : bytes.subarray(from)
  return element(0x02, (digits[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), digits]) : digits)
}

export const boolean = (value: boolean): Uint8Array => element(0x01, Buffer.from([value ? 0xff : 0]))

export const octets = (content: Uint8Array): Uint8Array => element(0x04, content)

/** `unused`: how many of the last bits mean nothing. */
export const bits = (content: Uint8Array, unused = 0): Uint8Array =>
  element(0x03, Buffer.from([unused]), content)

export const utf8 = (text: string): Uint8Array => element(0x0c, Buffer.from(text, 'utf8'))

/** `[number]`, constructed or primitive. */
export const tagged = (
  number: number,
  form: 'constructed' | 'primitive',
  ...content: readonly Uint8Array[]
): Uint8Array => element((form === 'constructed' ? 0xa0 : 0x80) | number, ...content)

/** Whole seconds, as RFC 5280 wants: UTCTime before 2050, GeneralizedTime after. */
export const time = (date: Date): Uint8Array => {
  const text = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(text.slice(2)))
    : element(0x18, Buffer.from(text))
}

/** An object identifier from its dotted form. */
export const identifier = (dotted: string): Uint8Array => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((arc) =>
    base128(arc).map((byte, index, all) => (index < all.length - 1 ? byte | 0x80 : byte)),
  )
  return element(0x06, Buffer.from(bytes))
}

const base128 = (number: number): readonly number[] =>
  number < 128 ? [number] : [...base128(Math.floor(number / 128)), number % 128]
