import { folderStore } from '../runbook/folder-store.ts'
import type { StateStore } from '../runbook/store.ts'
import { stateLocation } from './state-folder.ts'
import type { Terminal } from './terminal.ts'

/** The store that `--state` and its like name: a folder, or `s3://bucket/prefix`. */
export const openStore = async (option: string | undefined, terminal: Terminal): Promise<StateStore> => {
  const location = stateLocation(option, terminal)
  if (!location.startsWith('s3://')) return folderStore(location)
  const { openS3Store } = await import('../aws/s3-store.ts')
  return openS3Store(location)
}
