import path from 'node:path'
import { defineConfig } from 'vitest/config'

/** Where the tests' own signing key is: never that of whoever runs them. */
const configHome = path.resolve('node_modules/.cache/eks-runbooks-tests')

export default defineConfig({
  test: {
    env: { XDG_CONFIG_HOME: configHome },
    include: ['test/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
