import { RunbookError } from '../runbook/errors.ts'
import { z } from 'zod'
import type { StateStore } from '../runbook/store.ts'
import { usedUp, type Approval, type ApprovalFile } from './approval.ts'

/** Keeps a signed approval; its key. Approvals are never replaced. */
export const keepApproval = async (store: StateStore, approval: Approval, text: string): Promise<string> => {
  const key = `${folderOf(approval.digest)}/${approval.nonce}.json`
  await store.create(key, text)
  return key
}

/** All approvals of the plan of that digest, used ones too. What cannot be read (R041) is one with its error. */
export const readApprovals = async (store: StateStore, digest: string): Promise<readonly ApprovalFile[]> => {
  const found = await store.list(folderOf(digest))
  const files: ApprovalFile[] = []
  for (const file of found) {
    const name = /^([0-9A-Za-z_-]+)\.json$/.exec(file)?.[1]
    if (name === undefined) continue
    const read = await readOne(store, `${folderOf(digest)}/${file}`)
    if (read instanceof RunbookError) files.push({ name, error: read })
    else if (read !== undefined) files.push({ name, text: read, used: found.includes(`${name}.used`) })
  }
  return files
}

const readOne = async (store: StateStore, key: string): Promise<string | RunbookError | undefined> => {
  try {
    return (await store.read(key))?.text
  } catch (error) {
    if (error instanceof RunbookError && error.code === 'R041') return error
    throw error
  }
}

/** Uses an approval up, by create: of two that try only one can. Throws R073 for the other. */
export const useApproval = async (
  store: StateStore,
  approval: Approval,
  use: { readonly run: string; readonly by: string; readonly at: string },
): Promise<void> => {
  const key = `${folderOf(approval.digest)}/${approval.nonce}.used`
  if ((await store.create(key, `${JSON.stringify(use)}\n`)) === undefined) throw usedUp(approval)
}

/** The run that used an approval up; undefined where none did, or its record does not say. */
export const userOf = async (
  store: StateStore,
  { digest, nonce }: Pick<Approval, 'digest' | 'nonce'>,
): Promise<string | undefined> => {
  const stored = await store.read(`${folderOf(digest)}/${nonce}.used`)
  return stored === undefined ? undefined : readUse(stored.text)
}

const useShape = z.object({ run: z.string() })

const readUse = (text: string): string | undefined => {
  try {
    return useShape.parse(JSON.parse(text)).run
  } catch {
    return undefined
  }
}

const folderOf = (digest: string) => `approvals/${digest}`
