import Foundation
import RefluxCore
import RefluxFiles

/// What training changes of a model, on disk, bit for bit: the adapter, or the weights of a model
/// without one, head, moments and step. Of a frozen model that is the head alone.
///
/// Two files in one folder: `state.safetensors` with the flat arrays and `state.json`, which is
/// written last and says what the arrays belong to.
enum TrainingState {
    private static let arrays = "state.safetensors"
    private static let facts = "state.json"

    fileprivate struct Facts: Codable, Equatable {
        var format = "reflux training state 1"
        var parameters: Int
        var headParameters: Int
        var adapterParameters: Int?
        var hasMoments: Bool
        var step: Int
    }

    private typealias Part = (name: String, values: UnsafeMutableBufferPointer<Float>)

    /// Saves into an existing folder.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when the disk is full or the folder is missing.
    static func save(
        _ model: Transformer, _ head: ScalarHead?, _ optimizer: AdamW?, to folder: String
    ) throws {
        let parts = parts(model, head, optimizer)
        let writer = try SafetensorsWriter(
            "\(folder)/\(arrays)", tensors: parts.map { ($0.name, [$0.values.count]) })
        for part in parts { try writer.append(UnsafeBufferPointer(part.values)) }
        try writer.finish()
        let text = try JSONText.encode(facts(model, head, optimizer), pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/\(facts)")
    }

    /// Goes back to a saved state and forgets collected gradients.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when the state is missing, damaged or of another
    ///   model; the model is then as it was, unless a file fails while its numbers are being read.
    static func load(
        _ model: Transformer, _ head: ScalarHead?, _ optimizer: AdamW?, from folder: String
    ) throws {
        let path = "\(folder)/\(facts)"
        let saved = try JSONText.decode(Facts.self, from: Files.read(path), path: path)
        var wanted = facts(model, head, optimizer)
        wanted.step = saved.step
        guard saved == wanted, saved.step >= 0 else {
            throw RefluxError(
                .input, found: "the state of another model: \(saved.words)",
                at: SourceLocation(path: path), wanted: wanted.words,
                remedy: "Open the model with the options with which the state was saved.")
        }
        let file = try SafetensorsFile("\(folder)/\(arrays)")
        let parts = parts(model, head, optimizer)
        for part in parts where file.shape(of: part.name) != [part.values.count] {
            throw RefluxError(
                .input, found: "no array \"\(part.name)\" of \(part.values.count) numbers",
                at: SourceLocation(path: file.path), remedy: "Take an earlier checkpoint.")
        }
        for part in parts { try file.read(part.name, into: part.values) }
        optimizer?.step = saved.step
        optimizer?.clear()
    }

    private static func facts(
        _ model: Transformer, _ head: ScalarHead?, _ optimizer: AdamW?
    ) -> Facts {
        Facts(
            parameters: model.layout.count, headParameters: head?.parameters.count ?? 0,
            adapterParameters: model.adapter?.layout.count, hasMoments: optimizer != nil,
            step: optimizer?.step ?? 0)
    }

    private static func parts(
        _ model: Transformer, _ head: ScalarHead?, _ optimizer: AdamW?
    ) -> [Part] {
        var parts: [Part] = []
        if let adapter = model.adapter {
            parts.append(("adapter.parameters", adapter.parameters))
        } else if optimizer != nil {
            parts.append(("parameters", model.parameters))
        }
        if let head { parts.append(("head.parameters", head.parameters)) }
        for (prefix, group) in zip(["", "head."], optimizer?.groups ?? []) {
            parts.append(("\(prefix)first_moments", group.first))
            parts.append(("\(prefix)second_moments", group.second))
        }
        return parts
    }
}

extension TrainingState.Facts {
    fileprivate var words: String {
        "\(format), \(parameters) parameters, \(headParameters) of a head, "
            + (adapterParameters.map { "\($0) of an adapter, " } ?? "")
            + (hasMoments ? "trained" : "frozen")
    }
}
