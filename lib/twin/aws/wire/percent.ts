/** Percent-encodes all but letters, digits and `-_.~`, as signatures want it (RFC 3986). */
export const encodePercent = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** Decodes percent signs; a text with malformed ones stays as it is. */
export const decodePercent = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
