import RefluxCore

extension RandomKey {
    /// The random numbers of a teacher's samples of one prompt at one temperature.
    ///
    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - teacher: the teacher's name; two teachers share no numbers.
    ///   - temperature: the index of the temperature; two temperatures share none either.
    ///   - prompt: the index of the prompt.
    /// - Returns: the key of sample 0. Its step is a hash of the name plus the index of the
    ///   temperature.
    static func teaching(seed: UInt64, teacher: String, temperature: Int, prompt: Int) -> Self {
        RandomKey(
            seed: seed, stage: .teach, step: step(ofSource: teacher) + temperature, prompt: prompt)
    }
}
