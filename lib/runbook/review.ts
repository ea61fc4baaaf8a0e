import { RunbookError } from './errors.ts'
import { plainText } from './plain-text.ts'
import type { Review, RunView } from './run-view.ts'
import type { StateStore, Stored } from './store.ts'

/** Opens the sealed record of a review of that run. Throws a RunbookError where it does not count. */
export type OpenReview = (view: RunView, text: string) => Review

/** The record of the review of a run, whether it counts or not. */
export const storedReview = (store: StateStore, run: string): Promise<Stored | undefined> =>
  store.read(keyOf(run))

/** Keeps the review of a run, instead of a record that does not count. False when somebody else was faster. */
export const keepReview = async (
  store: StateStore,
  run: string,
  { text, former }: { readonly text: string; readonly former: Stored | undefined },
): Promise<boolean> => {
  const written = former
    ? await store.replace(keyOf(run), text, former.version)
    : await store.create(keyOf(run), text)
  return written !== undefined
}

/**
 * The run with its review, which is open until somebody closes it; as it is where the gate was passed. Without `open`
 * nothing counts, for nobody can say whether it does.
 */
export const withReview = async (store: StateStore, view: RunView, open?: OpenReview): Promise<RunView> => {
  if (view.clearance?.brokenGlass === undefined) return view
  const stored = await storedReview(store, view.id)
  return { ...view, review: stored && open ? opened(view, stored.text, open) : { state: 'open' } }
}

const opened = (view: RunView, text: string, open: OpenReview): NonNullable<RunView['review']> => {
  try {
    return { state: 'closed', ...open(view, text) }
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error
    return { state: 'open', refused: plainText(`${error.code} ${error.message}`) }
  }
}

const keyOf = (run: string) => `reviews/${run}.json`
