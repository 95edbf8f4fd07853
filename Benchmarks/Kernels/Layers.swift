import CKernels

/// What lies between the products, of the shapes of SmolLM2-135M; numbers are those that come out.
enum Layers {
    private static let (rows, width, inner, head) = (128, 576, 1536, 64)
    private static let (heads, keyValueHeads, vocabulary, block) = (9, 3, 49_152, 512)

    static var all: [Kernel] {
        [
            norm, normBackward, swiglu, swigluBackward, rope, softmax, softmaxBackward,
            attention, attentionBackward, adamw, draw(topP: 1), draw(topP: 0.95),
        ]
            + [
                ("f32", Int32(REFLUX_CACHE_FLOAT)), ("bf16", Int32(REFLUX_CACHE_BF16)),
                ("int8", Int32(REFLUX_CACHE_INT8)),
            ].map(cache)
    }

    private static func numbers(_ name: String, _ count: Int, _ call: @escaping () -> Void)
        -> Kernel
    {
        Kernel(name: name, work: Double(count), unit: "Gnumbers", call: call)
    }

    private static var norm: Kernel {
        let (x, weight) = (Memory.floats(rows * width), Memory.floats(width))
        let (out, scale) = (Memory.bytes(rows * width * 2), Memory.floats(rows))
        return numbers("norm", rows * width) {
            reflux_rmsnorm(x, weight, 1e-5, Int32(rows), Int32(width), out, 1, scale)
        }
    }

    private static var normBackward: Kernel {
        let (x, dy, dx) = (
            Memory.floats(rows * width), Memory.floats(rows * width), Memory.floats(rows * width)
        )
        let (weight, change) = (Memory.floats(width), Memory.floats(width))
        let scale = Memory.floats(rows)
        return numbers("norm backward", rows * width) {
            reflux_rmsnorm_backward(x, weight, scale, dy, Int32(rows), Int32(width), dx, change)
        }
    }

    private static var swiglu: Kernel {
        let x = Memory.floats(rows * 2 * inner)
        let (out, kept) = (Memory.bytes(rows * inner * 2), Memory.bytes(rows * 2 * inner * 2))
        return numbers("swiglu", rows * inner) {
            reflux_swiglu(x, Int32(rows), Int32(inner), out, 1, kept)
        }
    }

    private static var swigluBackward: Kernel {
        let kept = Memory.factors(rows * 2 * inner, bf16: true)
        let (change, out) = (Memory.floats(rows * inner), Memory.bytes(rows * 2 * inner * 2))
        return numbers("swiglu backward", rows * 2 * inner) {
            reflux_swiglu_backward(kept, change, Int32(rows), Int32(inner), out, 1)
        }
    }

    private static var rope: Kernel {
        let stride = (heads + 2 * keyValueHeads) * head
        let (x, positions) = (Memory.floats(rows * stride), Memory.indices(rows, below: 256))
        let (cosines, sines) = (Memory.floats(256 * head / 2), Memory.floats(256 * head / 2))
        return numbers("rope", rows * (heads + keyValueHeads) * head) {
            reflux_rope(
                x, stride, positions, Int32(rows), Int32(heads + keyValueHeads), Int32(head),
                cosines,
                sines, 0)
        }
    }

    private static var softmax: Kernel {
        let (logits, targets) = (Memory.floats(rows * block), Memory.indices(rows, below: block))
        let states = Memory.bytes(rows * MemoryLayout<reflux_softmax_state>.stride)
            .assumingMemoryBound(to: reflux_softmax_state.self)
        reflux_softmax_begin(states, Int32(rows))
        return numbers("softmax of the head", rows * block) {
            reflux_softmax_continue(
                states, logits, block, targets, Int32(rows), 0, Int32(block), 1)
        }
    }

    private static var softmaxBackward: Kernel {
        let (logits, targets) = (Memory.floats(rows * block), Memory.indices(rows, below: block))
        let (sums, change) = (Memory.floats(rows), Memory.floats(rows))
        let out = Memory.bytes(rows * block * 2)
        return numbers("softmax of the head, backward", rows * block) {
            reflux_log_softmax_backward(
                logits, block, targets, sums, nil, change, nil, Int32(rows), 0, Int32(block), out,
                block, 1)
        }
    }

    // MARK: Attention

    private static let (length, group) = (256, 3)
    private static var stride: Int { (heads + 2 * keyValueHeads) * head }
    /// Two products of which half are masked.
    private static var scores: Double { 2 * 2 * Double(length * length / 2 * head * group) }

    private static func lengths() -> UnsafeMutablePointer<Int32> {
        let lengths = Memory.indices(1, below: 1)
        lengths[0] = Int32(length)
        return lengths
    }

    private static var attention: Kernel {
        let (x, lengths) = (Memory.floats(length * stride), lengths())
        let out = Memory.bytes(length * heads * head * 2)
        let sums = Memory.floats(length * heads)
        let scratch = Memory.floats(reflux_attention_scratch(lengths, 1, Int32(head)))
        return Kernel(name: "attention, 256 tokens", work: scores, unit: "GOP") {
            reflux_attention(
                x, x + heads * head, x + (heads + keyValueHeads) * head, stride, lengths, 1,
                Int32(group), Int32(head), 0.125, out, heads * head, 1, sums, heads, scratch)
        }
    }

    private static var attentionBackward: Kernel {
        let (x, change, lengths) = (
            Memory.floats(length * stride), Memory.floats(length * stride), lengths()
        )
        let out = Memory.floats(length * heads * head)
        let sums = Memory.floats(length * heads)
        let scratch = Memory.floats(reflux_attention_backward_scratch(lengths, 1, Int32(head)))
        let (key, value) = (heads * head, (heads + keyValueHeads) * head)
        // The scores anew, and four products.
        return Kernel(name: "attention backward", work: 2.5 * scores, unit: "GOP") {
            reflux_attention_backward(
                x, x + key, x + value, stride, lengths, 1, Int32(group), Int32(head), 0.125, out,
                heads * head, sums, heads, change, change + key, change + value, scratch)
        }
    }

    /// 32 sequences of 224 tokens look back, all heads.
    private static func cache(_ name: String, _ numbers: Int32) -> Kernel {
        let (count, tokens) = (32, 224)
        var shape = reflux_cache_shape(
            heads: Int32(heads), key_value_heads: Int32(keyValueHeads), head_width: Int32(head),
            numbers: numbers, scale: 0.125)
        let blocks = tokens / Int(REFLUX_CACHE_BLOCK)
        let x = Memory.floats(count * stride)
        let rows = Memory.bytes(count * MemoryLayout<reflux_cache_row>.stride)
            .assumingMemoryBound(to: reflux_cache_row.self)
        for row in 0..<count {
            let table = Memory.bytes(blocks * 8)
                .bindMemory(to: UnsafeMutableRawPointer?.self, capacity: blocks)
            for i in 0..<blocks { table[i] = Memory.bytes(reflux_cache_layer_bytes(&shape)) }
            let query = UnsafePointer(x + row * stride)
            rows[row] = reflux_cache_row(
                query: query, key: query + heads * head,
                value: query + (heads + keyValueHeads) * head, blocks: table, prompt: 0,
                own: Int32(tokens))
        }
        let out = Memory.floats(count * heads * head)
        let scratch = Memory.floats(reflux_cache_scratch(&shape, Int32(tokens)))
        return Kernel(
            name: "attention over the cache, \(name)",
            work: 4 * Double(count * tokens * heads * head), unit: "GOP"
        ) {
            reflux_cache_attend(
                &shape, 0, rows, Int32(count), 0, Int32(keyValueHeads), out, scratch)
        }
    }

    // MARK: The rest

    private static var adamw: Kernel {
        let count = 1 << 20
        let memory = (0..<4).map { _ in Memory.floats(count) }
        memory[3].update(repeating: 1e-4, count: count)
        var step = reflux_adamw_step(
            learning_rate: 1e-5, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0, correction1: 1,
            correction2: 1, gradient_scale: 1)
        return numbers("AdamW", count) {
            reflux_adamw(memory[0], memory[1], memory[2], memory[3], count, &step)
        }
    }

    private static func draw(topP: Float) -> Kernel {
        let logits = Memory.floats(vocabulary)
        for i in 0..<vocabulary { logits[i] *= 12 }
        let scratch = Memory.bytes(reflux_draw_scratch(Int32(vocabulary)))
        return numbers(topP < 1 ? "drawing, top-p" : "drawing", vocabulary) {
            var draw = reflux_draw(
                logits: logits, uniform: 0.5, temperature: 1, top_p: topP, min_p: 0, top_k: 0,
                token: -1, log_probability: 0)
            reflux_draw_tokens(&draw, 1, Int32(vocabulary), scratch)
        }
    }
}
