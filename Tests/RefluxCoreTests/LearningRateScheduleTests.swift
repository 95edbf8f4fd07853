import RefluxCore
import Testing

@Suite struct LearningRateScheduleTests {
    /// transformers: `get_cosine_schedule_with_warmup(optimizer, 4, 20)`.
    private static let cosine = [
        4: 1.0, 5: 0.990_392_640_201_615_2, 6: 0.961_939_766_255_643_4, 10: 0.691_341_716_182_544_9,
        12: 0.5, 19: 0.009_607_359_798_384_785,
    ]

    @Test func withoutAFloorCosineIsThatOfTransformers() {
        let schedule = LearningRateSchedule(
            peak: 1, shape: .cosine, warmupSteps: 4, totalSteps: 20, floor: 0)
        for (step, rate) in Self.cosine { #expect(abs(schedule.rate(at: step) - rate) < 1e-12) }
    }

    /// transformers: `get_linear_schedule_with_warmup(optimizer, 4, 20)`: 1 - (step - 4) / 16.
    @Test(arguments: [(4, 1.0), (5, 0.9375), (12, 0.5), (19, 0.0625), (20, 0)])
    func withoutAFloorLinearIsThatOfTransformers(step: Int, rate: Double) {
        let schedule = LearningRateSchedule(
            peak: 1, shape: .linear, warmupSteps: 4, totalSteps: 20, floor: 0)
        #expect(abs(schedule.rate(at: step) - rate) < 1e-12)
    }

    @Test func theWarmUpRisesToThePeakAndNeverIsZero() {
        let schedule = LearningRateSchedule(peak: 2, warmupSteps: 4, totalSteps: 20)
        #expect((0..<5).map { schedule.rate(at: $0) } == [0.5, 1, 1.5, 2, 2])
    }

    @Test(arguments: LearningRateSchedule.Shape.allCases)
    func theEndIsTheFloor(shape: LearningRateSchedule.Shape) {
        let schedule = LearningRateSchedule(
            peak: 2, shape: shape, warmupSteps: 2, totalSteps: 10, floor: 0.1)
        let end = shape == .constant ? 2 : 0.2
        #expect(abs(schedule.rate(at: 10) - end) < 1e-12)
        #expect(abs(schedule.rate(at: 1_000) - end) < 1e-12)
    }

    @Test func aScheduleWithoutStepsIsFinite() {
        let schedule = LearningRateSchedule(peak: 1, warmupSteps: 0, totalSteps: 0)
        #expect(schedule.rate(at: 0) == 1)
        #expect(abs(schedule.rate(at: 5) - 0.1) < 1e-12)
    }
}
