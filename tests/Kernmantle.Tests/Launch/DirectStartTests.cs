using System.Reflection;
using Kernmantle.Host.Launch.Plan;
using Kernmantle.Tests.Hosting;
using Xunit;

namespace Kernmantle.Tests.Launch;

/// <summary>Workers that begin in the entry point of the library: when they do, and that a worker cannot tell.</summary>
public sealed class DirectStartTests
{
    private const string Library = "/app/Kernmantle.dll", Runtime = "/net/shared/Microsoft.NETCore.App/10.0.1/System.Private.CoreLib.dll";
    private static readonly string[] Usual = ["/app/app.deps.json", "/app/app.runtimeconfig.json", "/net/dotnet"];

    [Theory]
    [InlineData("/net/dotnet", "/net/dotnet app.dll now")]
    [InlineData("/app/app", "app now")]
    public void The_programs_own_lists_are_used_by_dotnet_and_by_an_app_host(string executable, string commandLine)
    {
        DirectStart direct = Find(executable, commandLine)!;
        Assert.Equal("/net/dotnet", direct.Executable);
        Assert.Equal("exec --depsfile /app/app.deps.json --runtimeconfig /app/app.runtimeconfig.json /app/Kernmantle.dll /app/app.dll", string.Join(' ', direct.Arguments));
    }

    [Fact]
    public void Files_and_options_that_dotnet_was_given_are_passed_on_with_absolute_paths()
    {
        DirectStart direct = Find("/net/dotnet", "dotnet exec --depsfile other.json --roll-forward Major --runtimeconfig /x/r.json app.dll", files: ["/now/other.json", "/x/r.json", "/net/dotnet"])!;
        Assert.Equal("exec --depsfile /now/other.json --runtimeconfig /x/r.json --roll-forward Major /app/Kernmantle.dll /app/app.dll", string.Join(' ', direct.Arguments));
    }

    [Fact]
    public void A_worker_starts_its_own_workers_as_it_was_started()
    {
        DirectStart direct = Find("/net/dotnet", "/net/dotnet app.dll")!;
        DirectStart nested = Find("/net/dotnet", $"/net/dotnet {string.Join(' ', direct.Arguments)}")!;
        Assert.Equal(direct.Arguments, nested.Arguments);
    }

    [Theory]
    [InlineData(null, Library, Runtime)]                                                   // the program is one file
    [InlineData("/app/app.dll", null, Runtime)]
    [InlineData("/tools/testhost.dll", Library, Runtime)]                                  // the list would be read as that of another folder
    [InlineData("/app/app.dll", Library, "/app/System.Private.CoreLib.dll")]               // it brings its own runtime
    [InlineData("/app/app.dll", Library, "/other/shared/Microsoft.NETCore.App/10.0.1/System.Private.CoreLib.dll")]   // no dotnet is there
    public void Other_programs_are_not_started_so(string? entry, string? library, string runtime) =>
        Assert.Null(DirectStart.Find("/app/app", HostCommandLine.Parse(["app"]), Places(entry, Usual), library, runtime));

    [Theory]
    [InlineData("/app/app.deps.json")]
    [InlineData("/app/app.runtimeconfig.json")]
    public void Without_its_lists_it_is_not_started_so(string missing) =>
        Assert.Null(Find("/net/dotnet", "dotnet app.dll", [.. Usual.Where(file => file != missing)]));

    [Fact]
    public async Task A_worker_sees_what_the_program_sees()
    {
        Assert.NotNull(LaunchPlan.Current.Direct);   // of this test program
        await using WorkerPool pool = WorkerPool.Processes(1);
        Assert.Equal(Seen(), await pool.RunAsync(Seen));
    }

    [Fact]
    public async Task The_library_started_by_hand_says_what_it_is_and_does_nothing()
    {
        DirectStart direct = LaunchPlan.Current.Direct!;
        (int exit, string text) = await Programs.RunAsync(direct.Executable, direct.Arguments);
        Assert.Equal(2, exit);
        Assert.Contains("Kernmantle.dll is a library", text, StringComparison.Ordinal);
    }

    private static string[] Seen() =>
    [
        Assembly.GetEntryAssembly()!.Location, AppContext.BaseDirectory, AppContext.TargetFrameworkName!, AppDomain.CurrentDomain.FriendlyName, Environment.GetCommandLineArgs()[0],
        Environment.Version.ToString(), (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!,
    ];

    private static DirectStart? Find(string executable, string commandLine, string[]? files = null) =>
        DirectStart.Find(executable, HostCommandLine.Parse(commandLine.Split(' ')), Places("/app/app.dll", files ?? Usual), Library, Runtime);

    private static StartPlaces Places(string? entry, string[] files) => new("/now", entry, null, files.Contains);
}
