using Kernmantle.Host.Launch.Plan;
using Xunit;

namespace Kernmantle.Tests.Launch;

public sealed class HostCommandLineTests
{
    [Theory]
    [InlineData("dotnet app.dll --verbose", "app.dll", "")]
    [InlineData("dotnet exec app.dll", "app.dll", "")]
    [InlineData("dotnet exec --depsfile a.json --runtimeconfig b.json bin/app.dll --depsfile theirs", "bin/app.dll", "--depsfile=a.json --runtimeconfig=b.json")]
    [InlineData("dotnet --roll-forward Major --fx-version 10.0.1 app.dll", "app.dll", "--roll-forward=Major --fx-version=10.0.1")]
    [InlineData("dotnet exec --AdditionalProbingPath /a --additionalprobingpath /b x.DLL", "x.DLL", "--additionalprobingpath=/a --additionalprobingpath=/b")]
    [InlineData("dotnet build app.csproj", null, "")]
    [InlineData("dotnet", null, "")]
    [InlineData("dotnet exec --depsfile", null, "")]
    public void The_hosts_own_options_are_told_from_the_programs(string commandLine, string? application, string options)
    {
        HostCommandLine parsed = HostCommandLine.Parse(commandLine.Split(' '));
        Assert.Equal(application, parsed.Application);
        Assert.Equal(options, string.Join(' ', parsed.Options.Select(static o => $"{o.Name}={o.Value}")));
    }

    [Fact]
    public void Dotnet_runs_the_same_application_with_the_same_options_and_absolute_paths()
    {
        var places = new StartPlaces("/elsewhere", "/app/bin/app.dll", "/app", static path => path is "/app/obj/a.deps.json" or "/app/bin/b.runtimeconfig.json");
        HostCommandLine commandLine = HostCommandLine.Parse(
            ["dotnet", "exec", "--depsfile", "obj/a.deps.json", "--runtimeconfig", "bin/b.runtimeconfig.json", "--fx-version", "10.0.1", "bin/app.dll", "user", "arguments"]);
        Assert.Equal(
            ["exec", "--depsfile", "/app/obj/a.deps.json", "--runtimeconfig", "/app/bin/b.runtimeconfig.json", "--fx-version", "10.0.1", "/app/bin/app.dll"],
            LaunchPlan.ArgumentsFor("/usr/share/dotnet/dotnet", commandLine, places));
    }

    [Fact]
    public void A_command_of_the_sdk_is_entered_again_through_its_entry_assembly() =>
        Assert.Equal(
            ["exec", "/sdk/dotnet.dll"],
            LaunchPlan.ArgumentsFor("/usr/bin/dotnet", HostCommandLine.Parse(["dotnet", "build"]), new("/x", "/sdk/dotnet.dll", null, static _ => false)));

    [Theory]
    [InlineData("/app/bin/app")]
    [InlineData("/app/bin/dotnet-tool")]
    public void An_app_host_needs_no_arguments(string executable) =>
        Assert.Empty(LaunchPlan.ArgumentsFor(executable, HostCommandLine.Parse([executable, "user.dll"]), new("/x", "/app/bin/app.dll", null, static _ => true)));
}
