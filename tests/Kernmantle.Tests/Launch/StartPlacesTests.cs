using Kernmantle.Host.Launch.Plan;
using Xunit;

namespace Kernmantle.Tests.Launch;

public sealed class StartPlacesTests
{
    [Fact]
    public void The_application_is_the_entry_assembly_even_after_the_host_changed_its_directory() =>
        Assert.Equal("/app/bin/app.dll", Places("/", "/app/bin/app.dll", "/app").Application("bin/app.dll"));

    [Fact]
    public void An_absolute_application_stays() =>
        Assert.Equal("/x/testhost.dll", Places("/", "/app/bin/other.dll", "/app").Application("/x/testhost.dll"));

    [Fact]
    public void Another_name_than_the_entry_assemblys_is_looked_for() =>
        Assert.Equal("/app/bin/runner.dll", Places("/", "/app/bin/tests.dll", "/home", "/app/bin/runner.dll").Application("bin/runner.dll"));

    [Theory]
    [InlineData("a.json", "/now/a.json")]
    [InlineData("sub/b.json", "/app/bin/b.json")]
    [InlineData("sub/c.json", "/shell/sub/c.json")]
    [InlineData("nowhere.json", "/now/nowhere.json")]
    [InlineData("/abs/d.json", "/abs/d.json")]
    public void Other_files_are_looked_for_here_then_beside_the_program_then_where_the_shell_was(string written, string expected) =>
        Assert.Equal(expected, Places("/now", "/app/bin/app.dll", "/shell", "/now/a.json", "/shell/a.json", "/app/bin/b.json", "/shell/sub/c.json").Other(written));

    private static StartPlaces Places(string current, string? entry, string? shell, params string[] files) => new(current, entry, shell, files.Contains);
}
