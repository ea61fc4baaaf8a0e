import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, linkSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import { localSigner, type Signer } from '../evidence/signer.ts'
import { RunbookError } from '../runbook/errors.ts'
import { makeFolder } from '../runbook/folder-files.ts'
import { readUpTo } from '../runbook/regular-file.ts'
import type { Terminal } from './terminal.ts'

/** A signing key in a file. */
export interface KeyFile {
  readonly file: string
  readonly signer: Signer
}

/**
 * The key of this machine: the file EKS_RUNBOOK_SIGNING_KEY, else `signing-key.pem` of the XDG config home, which is made
 * on first use (ed25519 in PKCS #8, 0600 in a folder 0700). Throws R078 for a key that others can read or that is a
 * link, not of ed25519, not one's own or not there, and where none can be made.
 */
export const machineKey = (terminal: Terminal): KeyFile => {
  const chosen = terminal.env['EKS_RUNBOOK_SIGNING_KEY'] || undefined
  const file = chosen === undefined ? defaultKeyFile(terminal) : path.resolve(terminal.cwd, chosen)
  const pem = readKey(file) ?? (chosen === undefined ? makeKey(file) : undefined)
  if (pem === undefined)
    throw unusable(file, 'a key file', {
      found: 'none',
      hint: `openssl genpkey -algorithm ed25519 -out ${file} && chmod 600 ${file}`,
    })
  return { file, signer: localSigner(pem, file) }
}

/**
 * Where the key is when nobody names its file: below XDG_CONFIG_HOME, else below HOME, else below the home of the account. What
 * is not absolute does not count. Throws R078 where that is below the working folder: a key must not get into a
 * checkout. Who stands in or above the own home does not mean the home as a checkout.
 * https://specifications.freedesktop.org/basedir/latest/
 */
export const defaultKeyFile = ({ env, cwd }: Pick<Terminal, 'env' | 'cwd'>): string => {
  const name = 'eks-runbook/signing-key.pem'
  const configHome = absolute(env['XDG_CONFIG_HOME'])
  if (configHome !== undefined) return path.join(configHome, name)
  const account = accountHome()
  const home = absolute(env['HOME']) ?? account
  if (home === undefined)
    throw unusable('a key of this machine', 'a home', { found: 'none', hint: elsewhere })
  const file = path.join(home, '.config', name)
  if (!isBelow(file, cwd) || (account !== undefined && isBelow(account, cwd))) return file
  throw unusable(file, `a place outside of the working folder ${cwd}`, {
    found: 'one below it, by HOME',
    hint: elsewhere,
  })
}

const elsewhere = 'set XDG_CONFIG_HOME, or EKS_RUNBOOK_SIGNING_KEY to a key file of ed25519'

const absolute = (folder: string | undefined): string | undefined =>
  folder !== undefined && path.isAbsolute(folder) ? folder : undefined

const isBelow = (file: string, folder: string): boolean => {
  const way = path.relative(folder, file)
  return way !== '..' && !way.startsWith(`..${path.sep}`)
}

/** Of the account, whatever the environment says; undefined for a user id without one. */
const accountHome = (): string | undefined => {
  try {
    return userInfo().homedir
  } catch {
    return undefined
  }
}

/** Undefined where there is no such file. */
const readKey = (file: string): string | undefined => {
  const descriptor = openKey(file)
  if (descriptor === undefined) return undefined
  try {
    refuseOpenToOthers(file, descriptor)
    return readPem(file, descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Bytes that no key comes near to. */
const largest = 1 << 16

const readPem = (file: string, descriptor: number): string => {
  try {
    return readUpTo(descriptor, largest) ?? ''
  } catch (cause) {
    throw unusable(file, 'a key file that can be read', {
      found: codeOf(cause),
      hint: `ls -l ${file}`,
      cause,
    })
  }
}

/** Never through a link: who made the link may not be who owns the key. */
const openKey = (file: string): number | undefined => {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'ENOENT') return undefined
    const found = code === 'ELOOP' ? 'a symbolic link' : code
    throw unusable(file, 'a key file that can be read', { found, hint: `ls -l ${file}`, cause })
  }
}

const refuseOpenToOthers = (file: string, descriptor: number): void => {
  const { mode, uid, isFile } = bound(fstatSync(descriptor))
  if (!isFile) throw unusable(file, 'a key file', { found: 'something else', hint: `ls -l ${file}` })
  const own = process.getuid?.()
  if (own !== undefined && uid !== own)
    throw unusable(file, 'a key file of its user', {
      found: `one of the user ${uid}`,
      hint: `ls -l ${file}`,
    })
  if ((mode & 0o077) !== 0)
    throw unusable(file, 'a key that only its user can read', {
      found: `the mode ${(mode & 0o777).toString(8)}`,
      hint: `chmod 600 ${file}`,
    })
}

const bound = (stats: ReturnType<typeof fstatSync>) => ({
  mode: Number(stats.mode),
  uid: Number(stats.uid),
  isFile: stats.isFile(),
})

/** Whole or not at all; of two processes at once one makes it and both use it. */
const makeKey = (file: string): string => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const scratch = `${file}.${randomBytes(8).toString('hex')}.new`
  try {
    makeFolder(path.dirname(file))
    refuseOpenFolder(path.dirname(file))
    writeFileSync(scratch, pem, { mode: 0o600, flag: 'wx', flush: true })
    linkSync(scratch, file)
    return pem
  } catch (cause) {
    if (cause instanceof RunbookError) throw cause
    const made = codeOf(cause) === 'EEXIST' ? readKey(file) : undefined
    if (made !== undefined) return made
    throw unusable(file, 'a place to make a key in', {
      found: codeOf(cause),
      hint: 'set EKS_RUNBOOK_SIGNING_KEY to a key file of ed25519',
      cause,
    })
  } finally {
    rmSync(scratch, { force: true })
  }
}

/** Who can write to the folder can put another key into it. */
const refuseOpenFolder = (folder: string): void => {
  const mode = Number(statSync(folder).mode)
  if ((mode & 0o022) === 0) return
  throw unusable(folder, 'a folder that only its user can write to', {
    found: `the mode ${(mode & 0o777).toString(8)}`,
    hint: `chmod 700 ${folder}`,
  })
}

const unusable = (
  file: string,
  expected: string,
  details: { readonly found: string; readonly hint: string; readonly cause?: unknown },
): RunbookError =>
  new RunbookError('R078', `Cannot sign with ${file}: expected ${expected}, found ${details.found}`, {
    hint: details.hint,
    cause: details.cause,
  })

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'an error'
