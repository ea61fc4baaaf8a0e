import { AwsError } from '../call.ts'

/**
 * The bytes inside an `aws-chunked` body (chunk signatures and trailers are dropped).
 * Format: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html. Throws IncompleteBody where it is cut short.
 */
export const decodeAwsChunked = (body: Uint8Array): Uint8Array => {
  const source = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const end = source.indexOf('\r\n', at)
    const size = Number.parseInt(source.toString('latin1', at, end < 0 ? at : end), 16)
    if (end < 0 || Number.isNaN(size) || end + 2 + size > source.length)
      throw new AwsError('IncompleteBody', 'The chunked body is cut short')
    if (size === 0) return new Uint8Array(Buffer.concat(parts))
    parts.push(source.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}
