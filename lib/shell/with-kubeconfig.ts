import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Writes a kubeconfig (0600, in a folder of its own, 0700) for as long as the work lasts. JSON is YAML as well. */
export const withKubeconfig = async <R>(
  kubeconfig: object,
  work: (file: string) => Promise<R>,
): Promise<R> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'eks-runbook-'))
  try {
    const file = path.join(folder, 'kubeconfig')
    await writeFile(file, JSON.stringify(kubeconfig), { mode: 0o600 })
    return await work(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
