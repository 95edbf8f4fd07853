/// A binary heap with the smallest item at the top.
struct SmallestFirst<Item: Comparable> {
    private var items: [Item] = []

    /// Adds an item. O(log n).
    mutating func push(_ item: Item) {
        items.append(item)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child] < items[parent] else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the smallest item. O(log n).
    mutating func pop() -> Item? {
        guard let top = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return top }
        items[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < items.count else { return top }
            if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
            guard items[child] < items[parent] else { return top }
            items.swapAt(child, parent)
            parent = child
        }
    }
}
