import RefluxCore

// The arrays of optimizers: copied whole, every bit as it is.

extension RolloutBatch: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(numbers: offsets)
        writer.write(numbers: groups)
        writer.write(numbers: rewards)
        writer.write(numbers: oldLogProbabilities)
        writer.write(numbers: referenceLogProbabilities)
        writer.write(numbers: values)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            offsets: try reader.read(numbers: Int.self), groups: try reader.read(numbers: Int.self),
            rewards: try reader.read(numbers: Double.self),
            oldLogProbabilities: try reader.read(numbers: Float.self),
            referenceLogProbabilities: try reader.read(numbers: Float.self),
            values: try reader.read(numbers: Float.self))
    }
}

extension AdvantageBatch: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(numbers: advantages)
        writer.write(numbers: returns)
        writer.write(metrics)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            advantages: try reader.read(numbers: Float.self),
            returns: try reader.read(numbers: Float.self), metrics: try reader.table())
    }
}

extension PolicyLossBatch: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(numbers: offsets)
        writer.write(numbers: logProbabilities)
        writer.write(numbers: oldLogProbabilities)
        writer.write(numbers: referenceLogProbabilities)
        writer.write(numbers: values)
        writer.write(numbers: oldValues)
        writer.write(numbers: entropies)
        writer.write(numbers: advantages)
        writer.write(numbers: returns)
        writer.write(totalTokens)
        writer.write(totalSequences)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            offsets: try reader.read(numbers: Int.self),
            logProbabilities: try reader.read(numbers: Float.self),
            oldLogProbabilities: try reader.read(numbers: Float.self),
            referenceLogProbabilities: try reader.read(numbers: Float.self),
            values: try reader.read(numbers: Float.self),
            oldValues: try reader.read(numbers: Float.self),
            entropies: try reader.read(numbers: Float.self),
            advantages: try reader.read(numbers: Float.self),
            returns: try reader.read(numbers: Float.self), totalTokens: try reader.read(),
            totalSequences: try reader.read())
    }
}

extension PolicyLoss: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(value)
        writer.write(numbers: byLogProbability)
        writer.write(numbers: byValue)
        writer.write(numbers: byEntropy)
        writer.write(metrics)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            value: try reader.read(), byLogProbability: try reader.read(numbers: Float.self),
            byValue: try reader.read(numbers: Float.self),
            byEntropy: try reader.read(numbers: Float.self), metrics: try reader.table())
    }
}
