/**
 * Joins equal questions that are put in the same moment, as checks made together do: one is asked, all get its answer.
 * It is asked only after that moment, so that nobody gets an answer from before their question.
 */
export const joined = <Q, A>(ask: (question: Q) => Promise<A>): ((question: Q) => Promise<A>) => {
  const waiting = new Map<string, Promise<A>>()
  return (question) => {
    const key = JSON.stringify(question)
    const known = waiting.get(key)
    if (known) return known
    const answer = Promise.resolve().then(() => {
      waiting.delete(key)
      return ask(question)
    })
    waiting.set(key, answer)
    return answer
  }
}
