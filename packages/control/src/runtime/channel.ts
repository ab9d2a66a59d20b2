/** From whoever pushes bytes to whoever pulls them, one chunk at a time: neither runs ahead of the other. */
export interface Channel {
  readonly content: AsyncIterable<Uint8Array>
  /** Resolves once the chunk was taken. Rejects once whoever reads has refused. */
  push(bytes: Uint8Array): Promise<void>
  end(): void
  /** Whoever reads gets this error instead of the end. */
  fail(error: unknown): void
  /** Whoever reads does not want more. */
  refuse(error: unknown): void
}

interface Offer {
  readonly bytes: Uint8Array
  taken(): void
  refused(error: unknown): void
}

export function channel(): Channel {
  let offer: Offer | undefined
  let over: { readonly error: unknown } | 'ended' | undefined
  let refusal: { readonly error: unknown } | undefined
  let wake: () => void = () => {}
  async function* content(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (offer) {
        const { bytes, taken } = offer
        yield bytes
        offer = undefined
        taken()
      } else if (over === 'ended') {
        return
      } else if (over) {
        throw over.error
      } else {
        await new Promise<void>(resolve => (wake = resolve))
      }
    }
  }
  return {
    content: content(),
    push: bytes =>
      new Promise((resolve, reject) => {
        if (refusal) return reject(refusal.error)
        offer = { bytes, taken: resolve, refused: reject }
        wake()
      }),
    end() {
      over ??= 'ended'
      wake()
    },
    fail(error) {
      over ??= { error }
      wake()
    },
    refuse(error) {
      refusal ??= { error }
      offer?.refused(error)
      offer = undefined
    },
  }
}
