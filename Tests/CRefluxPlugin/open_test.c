/* Opens the libraries that are named as arguments, as a host does, and looks at what they offer. */
#include "reflux/testing.h"

int main(int count, char **paths) {
    int index;
    for (index = 1; index < count; index += 1) {
        reflux_mock mock;
        reflux_mock_init(&mock);
        REFLUX_EXPECT(reflux_mock_open(&mock, paths[index]) == REFLUX_OK);
        if (mock.plugin != NULL) {
            /* The library is named for the plugin. */
            char name[128];
            snprintf(
                name, sizeof(name), "/%.*s.so", (int)mock.plugin->id.length, mock.plugin->id.data);
            REFLUX_EXPECT(strstr(paths[index], name) != NULL);
            REFLUX_EXPECT(mock.plugin->extension_count == 1);
        }
        reflux_mock_stop(&mock);
    }
    return reflux_test_result("opening libraries");
}
