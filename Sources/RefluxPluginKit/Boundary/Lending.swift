package import CRefluxPlugin

// Plain values are lent to the host, for as long as a call of it takes.

/// Lends several texts; absent ones for `nil`.
package func lend<Result>(
    all texts: [String?], _ body: ([reflux_string]) throws -> Result
) rethrows -> Result {
    var lent: [reflux_string] = []
    func next(_ rest: ArraySlice<String?>) throws -> Result {
        guard let first = rest.first else { return try body(lent) }
        return try lend(first) { text in
            lent.append(text)
            return try next(rest.dropFirst())
        }
    }
    return try next(texts[...])
}

extension Response {
    func lend(_ body: (UnsafePointer<reflux_response>) -> Void) {
        RefluxPluginKit.lend(all: [text, answer, source, model]) { texts in
            var response = reflux_response(
                struct_size: structSize(through: \reflux_response.weight), role: role.code,
                text: texts[0], answer: texts[1], source: texts[2], model: texts[3],
                sample: Int64(sample), finish: finish.code, reserved: 0,
                temperature: temperature ?? .nan, token_count: tokenCount.map { Int64($0) } ?? -1,
                mean_logprob: meanLogProbability ?? .nan, weight: weight)
            withUnsafePointer(to: &response, body)
        }
    }
}

extension Example {
    func lend(_ body: (UnsafePointer<reflux_example>) -> Void) {
        RefluxPluginKit.lend(all: [id, question, gold, solution, category] + options) { texts in
            let options = Array(texts.dropFirst(5))
            options.withUnsafeBufferPointer { options in
                var example = reflux_example(
                    struct_size: structSize(through: \reflux_example.option_count), reserved: 0,
                    id: texts[0], index: Int64(index), question: texts[1], gold: texts[2],
                    solution: texts[3], category: texts[4],
                    options: options.isEmpty ? nil : options.baseAddress,
                    option_count: UInt64(options.count))
                withUnsafePointer(to: &example, body)
            }
        }
    }
}
