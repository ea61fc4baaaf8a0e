import type { StateStore } from '../runbook/store.ts'
import { usedUp, type Approval, type ApprovalFile } from './approval.ts'

/** Keeps a signed approval; its key. Approvals are never replaced. */
export const keepApproval = async (store: StateStore, approval: Approval, text: string): Promise<string> => {
  const key = `${folderOf(approval.digest)}/${approval.nonce}.json`
  await store.create(key, text)
  return key
}

/** All approvals of the plan of that digest, used ones too. */
export const readApprovals = async (store: StateStore, digest: string): Promise<readonly ApprovalFile[]> => {
  const found = await store.list(folderOf(digest))
  const files: ApprovalFile[] = []
  for (const file of found) {
    const name = /^(.*)\.json$/.exec(file)?.[1]
    const stored = name === undefined ? undefined : await store.read(`${folderOf(digest)}/${file}`)
    if (name !== undefined && stored)
      files.push({ name, text: stored.text, used: found.includes(`${name}.used`) })
  }
  return files
}

/** Uses an approval up, by create: of two that try only one can. Throws R073 for the other. */
export const useApproval = async (
  store: StateStore,
  approval: Approval,
  use: { readonly by: string; readonly at: string },
): Promise<void> => {
  const key = `${folderOf(approval.digest)}/${approval.nonce}.used`
  if ((await store.create(key, `${JSON.stringify(use)}\n`)) === undefined) throw usedUp(approval)
}

const folderOf = (digest: string) => `approvals/${digest}`
