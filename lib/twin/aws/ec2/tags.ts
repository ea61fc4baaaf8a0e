/** Tags as a table. */
export type Tags = { readonly [key: string]: string }

/** As EC2 lists them, by key. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }))

/** From the list form of EC2 and Auto Scaling. */
export const tagTable = (
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): Tags =>
  Object.fromEntries(tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])))
