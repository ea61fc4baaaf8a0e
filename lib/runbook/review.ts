import { z } from 'zod'
import { RunbookError } from './errors.ts'
import type { Review, RunView } from './run-view.ts'
import type { StateStore } from './store.ts'

const shape = z.strictObject({
  run: z.string(),
  by: z.string().min(1),
  at: z.iso.datetime(),
  reason: z.string().min(1),
})

/** Closes the review of a run. False when it is closed already. */
export const keepReview = async (store: StateStore, review: Review): Promise<boolean> =>
  (await store.create(keyOf(review.run), `${JSON.stringify(review)}\n`)) !== undefined

/** The run with its review, which is open until somebody closes it; as it is where the gate was passed. Throws R040. */
export const withReview = async (store: StateStore, view: RunView): Promise<RunView> => {
  if (view.clearance?.brokenGlass === undefined) return view
  const stored = await store.read(keyOf(view.id))
  const review = stored && parse(view.id, stored.text)
  return { ...view, review: review ? { state: 'closed', ...review } : { state: 'open' } }
}

const keyOf = (run: string) => `reviews/${run}.json`

const parse = (run: string, text: string): Review => {
  try {
    return shape.parse(JSON.parse(text))
  } catch (cause) {
    throw new RunbookError('R040', `Cannot trust the review of ${run}: its record is not one`, {
      hint: 'keep the state folder as it is and look at its folder reviews',
      cause,
    })
  }
}
