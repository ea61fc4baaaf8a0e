import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { bits, boolean, identifier, integer, octets, sequence, set, tagged, time, utf8 } from './der.ts'

/** PEM texts of a CA made on the spot and of a server certificate under it. */
export interface ServerCertificates {
  readonly caCertificate: string
  readonly certificate: string
  readonly privateKey: string
}

/** Wall time, for TLS clients judge by the wall clock. */
export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const authorityName = 'kubernetes'

/**
 * Makes a CA and a server certificate for 127.0.0.1 and localhost, the names that the twin's API servers have.
 * Keys come from the system's chance: nothing that is traced or compared may hold them.
 * Source of the form: RFC 5280, https://www.rfc-editor.org/rfc/rfc5280
 */
export const createServerCertificates = (validity: Validity): ServerCertificates => {
  const authority = newKeys()
  const server = newKeys()
  const caCertificate = certificate(validity, {
    serial: 1,
    subject: authorityName,
    publicKey: authority.publicKey,
    signer: authority.privateKey,
    extensions: authorityExtensions(authority.publicKey),
  })
  const leaf = certificate(validity, {
    serial: 2,
    subject: 'kube-apiserver',
    publicKey: server.publicKey,
    signer: authority.privateKey,
    extensions: serverExtensions(authority.publicKey),
  })
  const privateKey = server.privateKey.export({ type: 'pkcs8', format: 'pem' })
  return { caCertificate, certificate: leaf, privateKey: privateKey.toString() }
}

const newKeys = (): Keys => generateKeyPairSync('ec', { namedCurve: 'P-256' })

interface Content {
  readonly serial: number
  readonly subject: string
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly extensions: readonly Uint8Array[]
}

const ecdsaWithSha256 = sequence(identifier('1.2.840.10045.4.3.2'))

const commonName = (name: string) => sequence(set(sequence(identifier('2.5.4.3'), utf8(name))))

const spki = (key: KeyObject): Uint8Array => key.export({ type: 'spki', format: 'der' })

const certificate = ({ notBefore, notAfter }: Validity, content: Content): string => {
  const toBeSigned = sequence(
    tagged(0, 'constructed', integer(2)),
    integer(content.serial),
    ecdsaWithSha256,
    commonName(authorityName),
    sequence(time(notBefore), time(notAfter)),
    commonName(content.subject),
    spki(content.publicKey),
    tagged(3, 'constructed', sequence(...content.extensions)),
  )
  return pem(sequence(toBeSigned, ecdsaWithSha256, bits(sign('sha256', toBeSigned, content.signer))))
}

const pem = (der: Uint8Array) => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

const extension = (id: string, value: Uint8Array) => sequence(identifier(id), octets(value))
const critical = (id: string, value: Uint8Array) => sequence(identifier(id), boolean(true), octets(value))

/** First 160 bits of a hash of the key, RFC 7093 method 1. */
const keyId = (key: KeyObject) => createHash('sha256').update(spki(key)).digest().subarray(0, 20)

const digitalSignature = Buffer.from([0b1000_0000])
const certificateSigning = Buffer.from([0b1000_0110])

const authorityExtensions = (publicKey: KeyObject) => [
  critical('2.5.29.19', sequence(boolean(true))),
  critical('2.5.29.15', bits(certificateSigning, 1)),
  extension('2.5.29.14', octets(keyId(publicKey))),
]

const serverExtensions = (authority: KeyObject) => [
  critical('2.5.29.15', bits(digitalSignature, 7)),
  extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.1'))),
  extension('2.5.29.35', sequence(tagged(0, 'primitive', keyId(authority)))),
  extension(
    '2.5.29.17',
    sequence(
      tagged(2, 'primitive', Buffer.from('localhost')),
      tagged(7, 'primitive', Buffer.from([127, 0, 0, 1])),
    ),
  ),
]
