import CRefluxPlugin
import RefluxCore
import Synchronization

// What a task says through the lists that it is given.

extension PluginCall {
    /// The most options of a question, and the like.
    static let listLimit: UInt64 = 10_000

    /// Takes the name of a metric.
    func addMetricName(_ text: reflux_string) {
        guard let name = takeFilled("the name of a metric", text) else { return }
        outputs.withLock { $0.metricNames.append(name) }
    }

    /// Takes an example.
    func addExample(_ pointer: UnsafePointer<reflux_example>?) {
        let name = "example \(outputs.withLock { $0.examples.count })"
        guard
            let raw = copy(
                pointer, name, through: \reflux_example.option_count, into: reflux_example()),
            let id = takeFilled("the id of \(name)", raw.id),
            let question = take("the question of \(name)", raw.question),
            let options = takeList("option", of: name, raw.options, raw.option_count)
        else {
            return refuse("\(name) has no question", wanted: "a text")
        }
        let example = Example(
            id: id, index: 0, question: question,
            gold: take("the gold of \(name)", raw.gold),
            solution: take("the solution of \(name)", raw.solution),
            category: take("the category of \(name)", raw.category),
            options: options.isEmpty ? nil : options)
        outputs.withLock { $0.examples.append(example) }
    }

    /// Takes the text of a prompt.
    func setPromptText(_ text: reflux_string) {
        guard let text = takeFilled("the prompt", text) else { return }
        outputs.withLock { $0.prompt.text = text }
    }

    /// Takes a message of a prompt.
    func addMessage(_ speaker: Int32, _ content: reflux_string) {
        let role: ChatMessage.Role
        switch speaker {
        case Speaker.system: role = .system
        case Speaker.user: role = .user
        case Speaker.assistant: role = .assistant
        default:
            return refuse(
                "the speaker of a message is \(speaker)", wanted: "one of REFLUX_SPEAKER_*")
        }
        guard let content = takeFilled("a message", content) else { return }
        outputs.withLock { $0.prompt.messages.append(ChatMessage(role, content)) }
    }

    /// Takes a text at which generation stops.
    func addStop(_ text: reflux_string) {
        guard let stop = takeFilled("a stop text", text) else { return }
        outputs.withLock { $0.prompt.stops.append(stop) }
    }

    /// Takes the answer of a response.
    func setAnswer(_ index: UInt64, _ text: reflux_string) {
        guard index < UInt64(itemCount) else {
            return refuse(
                "set_answer names response \(index)",
                wanted: "the index of one of the \(itemCount) responses")
        }
        guard let answer = takeFilled("the answer of response \(index)", text) else { return }
        outputs.withLock { $0.answers[Int(index)] = answer }
    }

    /// Copies a struct that the plugin gave; a bad one is noted and gives `nil`.
    func copy<Table, Field>(
        _ pointer: UnsafePointer<Table>?, _ name: String, through field: KeyPath<Table, Field>,
        into zero: Table
    ) -> Table? {
        guard let pointer else {
            refuse("\(name) is NULL", wanted: "a struct")
            return nil
        }
        do throws(TableCopy.SizeFault) {
            return try TableCopy.read(
                UnsafeRawPointer(pointer), minimum: TableCopy.size(through: field), into: zero)
        } catch {
            refuse(
                "the struct_size of \(name) is \(error.size)",
                wanted: "from \(error.minimum) to \(TableCopy.limit)")
            return nil
        }
    }

    private func takeList(
        _ what: String, of name: String, _ list: UnsafePointer<reflux_string>?, _ count: UInt64
    ) -> [String]? {
        guard count > 0 else { return [] }
        guard let list, count <= Self.listLimit else {
            refuse(
                list == nil ? "the \(what)s of \(name) are NULL" : "\(name) has \(count) \(what)s",
                wanted: "at most \(Self.listLimit) \(what)s")
            return nil
        }
        var texts: [String] = []
        for index in 0..<Int(count) {
            guard let text = takeFilled("\(what) \(index) of \(name)", list[index]) else {
                return nil
            }
            texts.append(text)
        }
        return texts
    }
}
