// What keeps C++ on its own side of the boundary: exceptions become status codes and error texts,
// instances are owned, methods become the functions of a table. Nothing here knows a kind.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "reflux/settings.h"

namespace plugin {

/// The host, from init on.
inline const reflux_host *host = nullptr;

/// A text as the boundary has it; borrowed.
constexpr reflux_string text(std::string_view view) { return {view.data(), view.size()}; }

/// A text of the boundary; empty for an absent one.
inline std::string_view view(reflux_string text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.length);
}

/// Ends a call with a status; the host has been told the reason already, where one is needed.
struct Stop {
    std::int32_t status;
};

/// Ends the call when the host wants it to end.
inline void stop_if_cancelled(reflux_call *call) {
    if (reflux_is_cancelled(host, call) != 0) { throw Stop{REFLUX_CANCELLED}; }
}

/// Runs a body. Returns REFLUX_OK, or what became of the exception that it threw.
template <typename Body>
std::int32_t guarded(reflux_call *call, Body &&body) noexcept {
    try {
        body();
        return REFLUX_OK;
    } catch (const Stop &stop) {
        return stop.status;
    } catch (const std::bad_alloc &) {
        return REFLUX_OUT_OF_MEMORY;
    } catch (const std::exception &error) {
        return reflux_fail(host, call, "%s", error.what());
    } catch (...) {
        return reflux_fail(host, call, "an exception that is no std::exception");
    }
}

/// The settings of an instance. What is missing or of another type ends the call with an error.
class Settings {
public:
    Settings(reflux_call *call, const reflux_creation &creation)
        : settings_(reflux_settings_begin(host, call, &creation)) {
        check();
    }

    double number(const char *key) { return checked(reflux_setting_number(&settings_, key)); }
    std::int64_t integer(const char *key) {
        return checked(reflux_setting_integer(&settings_, key));
    }
    bool boolean(const char *key) { return checked(reflux_setting_boolean(&settings_, key)) != 0; }
    std::string text(const char *key) {
        std::unique_ptr<char, decltype(&std::free)> copy(
            reflux_setting_text(&settings_, key), &std::free);
        check();
        return copy.get();
    }
    /// The elements of a list of texts, each handed to `use`.
    template <typename Use>
    void texts(const char *key, Use &&use) {
        reflux_json array, element;
        reflux_setting_array(&settings_, key, &array);
        check();
        reflux_json_cursor cursor = reflux_json_start(array.text);
        while (reflux_json_next(&cursor, nullptr, &element) != 0) {
            std::string text(element.text.length + 1, '\0');
            text.resize(reflux_json_text(element, text.data(), text.size()));
            use(std::move(text));
        }
    }

private:
    void check() const {
        if (settings_.status != REFLUX_OK) { throw Stop{settings_.status}; }
    }
    template <typename Value>
    Value checked(Value value) const {
        check();
        return value;
    }

    reflux_settings settings_;
};

/// `create` of a table: makes an Instance from its settings. The settings are the configuration in
/// effect, for the host has filled in the defaults.
template <typename Instance>
std::int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) noexcept {
    return guarded(call, [&] {
        Settings settings(call, *creation);
        auto made = std::make_unique<Instance>(settings);
        host->set_configuration(call, creation->configuration);
        *instance = made.release();
    });
}

/// `destroy` of a table.
template <typename Instance>
void destroy(void *instance) noexcept {
    delete static_cast<Instance *>(instance);
}

/// `Bridge<&Instance::method>::call` is the function of a table that calls the method.
template <auto method>
struct Bridge;

template <typename Instance, typename... Arguments,
          void (Instance::*method)(reflux_call *, Arguments...) const>
struct Bridge<method> {
    static std::int32_t call(void *instance, reflux_call *call, Arguments... arguments) noexcept {
        return guarded(
            call, [&] { (static_cast<const Instance *>(instance)->*method)(call, arguments...); });
    }
};

template <typename Instance, typename... Arguments,
          void (Instance::*method)(reflux_call *, Arguments...)>
struct Bridge<method> {
    static std::int32_t call(void *instance, reflux_call *call, Arguments... arguments) noexcept {
        return guarded(
            call, [&] { (static_cast<Instance *>(instance)->*method)(call, arguments...); });
    }
};

/// `init` of the plugin.
inline std::int32_t init(const reflux_host *given, reflux_call *) noexcept {
    host = given;
    return REFLUX_OK;
}

}  // namespace plugin
