import { z } from 'zod'

/** What `import --output json` prints. */
export const importDocument = z
  .object({
    cluster: z.string().describe('Name in the fleet'),
    file: z.string().describe('Where the world was written'),
    bytes: z.number().int().nonnegative(),
    seconds: z.number().nonnegative().describe('Of the wall clock'),
    read: z.number().int().nonnegative().describe('Kubernetes objects read'),
    taken: z.record(z.string(), z.number().int()).describe('What the file holds, by kind'),
    leftOut: z.array(
      z.object({
        what: z.string().describe('Stable key'),
        count: z.union([z.number().int(), z.literal('not read')]),
        why: z.string(),
      }),
    ),
  })
  .describe('import')
