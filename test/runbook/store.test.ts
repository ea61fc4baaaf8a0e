import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { emptyMemory, memoryStore } from '../../lib/runbook/memory-store.ts'
import { storeSuite } from './store-suite.ts'

const scratch = mkdtempSync(join(tmpdir(), 'eks-runbook-store-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const newFolder = () => join(mkdtempSync(join(scratch, 's-')), 'state')

describe('the store in memory', () => {
  storeSuite(async () => {
    const state = emptyMemory()
    return [memoryStore(state), memoryStore(state)]
  })
})

describe('the store in a folder', () => {
  storeSuite(async () => {
    const folder = newFolder()
    return [folderStore(folder), folderStore(folder)]
  })

  test('keeps files 0600 in folders 0700', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    await store.create('locks/web', 'a')
    const writer = await store.log('runs/r/journal.jsonl').create(['a'])
    writer?.close()
    const modeOf = (path: string) => (statSync(join(folder, path)).mode & 0o777).toString(8)
    const modes = ['', 'locks', 'locks/web', 'runs', 'runs/r', 'runs/r/journal.jsonl'].map(modeOf)
    expect(modes).toEqual(['700', '700', '700', '700', '700', '600'])
    const versions = readdirSync(join(folder, 'locks/web'))
    expect(versions.map((name) => modeOf(`locks/web/${name}`))).toEqual(['600'])
  })

  test('drops a torn last line when a log is opened again', async () => {
    const folder = newFolder()
    const log = folderStore(folder).log('runs/r/j')
    const early = await log.create(['a'])
    writeFileSync(join(folder, 'runs/r/j'), 'a\n{"torn')
    const late = await log.open('a\n')
    await late?.append(['b'])
    expect(await log.read()).toBe('a\nb\n')
    expect(readdirSync(join(folder, 'runs/r'))).toEqual(['j'])
    for (const writer of [early, late]) writer?.close()
  })

  test('refuses names that lead out of it', async () => {
    const store = folderStore(newFolder())
    await expect(store.read('../secret')).rejects.toMatchObject({ code: 'R099' })
    expect(() => store.log('runs/../../x')).toThrow('Cannot keep state')
  })

  test('does not follow a symbolic link in place of a journal', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    const writer = await store.log('runs/r/j').create(['a'])
    writer?.close()
    symlinkSync('/etc/hostname', join(folder, 'runs/r/link'))
    await expect(store.log('runs/r/link').read()).rejects.toMatchObject({ code: 'R041' })
  })

  test('a file where the folder should be gives R041 that says so', async () => {
    const file = newFolder()
    writeFileSync(file, '')
    await expect(folderStore(file).create('locks/web', 'a')).rejects.toMatchObject({
      code: 'R041',
      message: expect.stringContaining(file) as unknown,
    })
  })

  test.skipIf(process.getuid?.() === 0)(
    'a read-only folder gives R041 and nothing is half written',
    async () => {
      const folder = mkdtempSync(join(scratch, 'ro-'))
      chmodSync(folder, 0o500)
      const store = folderStore(join(folder, 'state'))
      await expect(store.create('locks/web', 'a')).rejects.toMatchObject({ code: 'R041' })
      await expect(store.log('runs/r/j').create(['a'])).rejects.toMatchObject({ code: 'R041' })
      expect(readdirSync(folder)).toEqual([])
    },
  )

  test.skipIf(!existsSync('/sys/kernel'))(
    'a place where nobody may write gives R041, also to root',
    async () => {
      const store = folderStore('/sys/kernel/eks-runbook')
      await expect(store.log('runs/r/j').create(['a'])).rejects.toMatchObject({
        code: 'R041',
        message: /permission is denied|read-only/,
      })
      expect(await store.list('runs')).toEqual([])
    },
  )

  test.skipIf(!existsSync('/dev/full'))('a full disk gives R041 that says so', async () => {
    const { guarded, writeAll } = await import('../../lib/runbook/folder-files.ts')
    const { closeSync, openSync } = await import('node:fs')
    const fd = openSync('/dev/full', 'w')
    try {
      expect(() => guarded('/dev/full', () => writeAll(fd, 'a\n'))).toThrow('the disk is full')
    } finally {
      closeSync(fd)
    }
  })
})
