/// A piece of the program that reads bytes from outside, with what is needed to attack it.
///
/// To add one: a file in `Targets` with a function that makes it, and a line in ``FuzzTargets/all``.
/// A target must not trap, hang or take more than linear time, whatever it is given; `check` says what
/// else must hold.
package struct FuzzTarget {
    /// The name on the command line.
    package var name: String
    /// Well-formed inputs, which mutations start from; at least one.
    package var seeds: [[UInt8]]
    /// Words of the grammar that mutations put in.
    package var words: [[UInt8]]
    /// The longest input that mutations make, in bytes.
    package var longest: Int
    /// Reads an input. It throws ``FuzzFinding`` where a property does not hold; errors that the
    /// program is right to throw it takes itself. A trap or a hang is found from outside.
    package var check: (_ input: [UInt8]) throws -> Void
    /// What must take linear time, by name.
    package var timed: [(name: String, read: (_ input: [UInt8]) throws -> Void)]
    /// Inputs on which a careless reader would take more than linear time.
    package var shapes: [FuzzShape]

    /// Makes a target.
    package init(
        name: String, seeds: [[UInt8]], words: [String] = [], longest: Int = 2048,
        timed: [(name: String, read: (_ input: [UInt8]) throws -> Void)] = [],
        shapes: [FuzzShape] = [], check: @escaping (_ input: [UInt8]) throws -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.words = words.map { Array($0.utf8) }
        self.longest = longest
        self.timed = timed
        self.shapes = shapes
        self.check = check
    }
}

/// A property of a target that an input breaks.
package struct FuzzFinding: Error, CustomStringConvertible {
    /// Which property, and what was found instead.
    package let description: String

    /// Makes a finding.
    package init(_ description: String) { self.description = description }
}

/// A family of inputs of any length.
package struct FuzzShape: Sendable {
    /// What the inputs look like.
    package var name: String
    /// The input of about so many bytes.
    package var input: @Sendable (_ bytes: Int) -> [UInt8]

    /// Inputs of another form.
    package init(_ name: String, input: @escaping @Sendable (_ bytes: Int) -> [UInt8]) {
        self.name = name
        self.input = input
    }

    /// A text again and again, between two others.
    package init(repeating unit: String, from start: String = "", to end: String = "") {
        let shown = unit.debugDescription.dropFirst().dropLast()
        name =
            "\(start.debugDescription.dropFirst().dropLast())(\(shown))*"
            + end.debugDescription.dropFirst().dropLast()
        let (unit, start, end) = (Array(unit.utf8), Array(start.utf8), Array(end.utf8))
        input = { bytes in
            let count = max(1, (bytes - start.count - end.count) / unit.count)
            var input = start
            input.reserveCapacity(start.count + end.count + count * unit.count)
            for _ in 0..<count { input += unit }
            return input + end
        }
    }
}
