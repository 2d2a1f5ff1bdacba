using Kernmantle.Tests.Hosting;

namespace Kernmantle.LaunchForms.Tests;

/// <summary><c>eng/public-api</c> on a library that is made for it, with the repository's own settings.</summary>
public sealed class PublicApiScriptTests : IDisposable
{
    private const string Listed = "#nullable enable\nTiny\nTiny.Tiny() -> void\n";
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-api-").FullName;

    public PublicApiScriptTests()
    {
        foreach (string file in (string[])["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig"])
            File.Copy(Path.Combine(Programs.Root, file), Path.Combine(folder, file));
        Directory.CreateDirectory(Path.Combine(folder, "eng"));
        foreach (string file in (string[])["public-api", "arguments.sh"])
            File.Copy(Path.Combine(Programs.Root, "eng", file), Path.Combine(folder, "eng", file));
        Directory.CreateDirectory(Path.Combine(folder, "src", "Tiny"));
        Write("Tiny.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <PackageReference Include="Microsoft.CodeAnalysis.PublicApiAnalyzers" PrivateAssets="all" />
              </ItemGroup>
            </Project>
            """);
        Write("PublicAPI.Shipped.txt", "#nullable enable\n");
    }

    private string Baseline => File.ReadAllText(Path.Combine(folder, "src", "Tiny", "PublicAPI.Unshipped.txt"));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_the_baseline_lacks_is_added_with_types_and_nullability()
    {
        Write("Tiny.cs", "#pragma warning disable CA1050, CA1822, IDE0079\npublic sealed class Tiny\n{\n    public string? Find(string name, int count = 3) => name;\n\n    public static int Count { get; set; }\n}\n");
        Write("PublicAPI.Unshipped.txt", Listed);
        (int exit, string text) = await RunAsync();
        Assert.True(exit == 0, text);
        Assert.Contains("3 added, 0 removed", text, StringComparison.Ordinal);
        Assert.Equal("#nullable enable\nTiny\nTiny.Find(string! name, int count = 3) -> string?\nTiny.Tiny() -> void\nstatic Tiny.Count.get -> int\nstatic Tiny.Count.set -> void\n", Baseline);
    }

    [Fact]
    public async Task A_line_of_a_member_that_is_gone_fails_it_and_fresh_takes_it_out()
    {
        Write("Tiny.cs", "#pragma warning disable CA1050, IDE0079\npublic sealed class Tiny;\n");
        string before = $"{Listed}Tiny.Gone() -> void\n";
        Write("PublicAPI.Unshipped.txt", before);
        (int exit, string text) = await RunAsync();
        Assert.True(exit == 1, text);
        Assert.Contains("RS0017", text, StringComparison.Ordinal);
        Assert.Equal(before, Baseline);
        (exit, text) = await RunAsync("--fresh");
        Assert.True(exit == 0, text);
        Assert.Equal(Listed, Baseline);
    }

    [Fact]
    public async Task Fresh_takes_it_out_of_the_shipped_part_too_and_adds_to_the_other()
    {
        Write("Tiny.cs", "#pragma warning disable CA1050, IDE0079\npublic sealed class Tiny;\n");
        Write("PublicAPI.Shipped.txt", "#nullable enable\nTiny\nTiny.Gone() -> void\n");
        Write("PublicAPI.Unshipped.txt", "#nullable enable\n");
        (int exit, string text) = await RunAsync("--fresh");
        Assert.True(exit == 0, text);
        Assert.Contains("1 added, 1 removed, 2 members", text, StringComparison.Ordinal);
        Assert.Equal("#nullable enable\nTiny\n", File.ReadAllText(Path.Combine(folder, "src", "Tiny", "PublicAPI.Shipped.txt")));
        Assert.Equal("#nullable enable\nTiny.Tiny() -> void\n", Baseline);
    }

    [Fact]
    public async Task What_the_baseline_lacks_goes_into_the_shipped_part_where_that_is_asked_for()
    {
        Write("Tiny.cs", "#pragma warning disable CA1050, IDE0079\npublic sealed class Tiny;\n");
        Write("PublicAPI.Unshipped.txt", "#nullable enable\n");
        (int exit, string text) = await RunAsync("--shipped");
        Assert.True(exit == 0, text);
        Assert.Contains("2 added, 0 removed", text, StringComparison.Ordinal);
        Assert.Equal(Listed, File.ReadAllText(Path.Combine(folder, "src", "Tiny", "PublicAPI.Shipped.txt")));
        Assert.Equal("#nullable enable\n", Baseline);
    }

    [Fact]
    public async Task Code_that_does_not_build_fails_it_and_leaves_the_baseline_as_it_was()
    {
        Write("Tiny.cs", "public sealed class Tiny { public int Broken() => nothing; }\n");
        Write("PublicAPI.Unshipped.txt", Listed);
        (int exit, string text) = await RunAsync("--fresh");
        Assert.True(exit == 1, text);
        Assert.Contains("does not build", text, StringComparison.Ordinal);
        Assert.Equal(Listed, Baseline);
    }

    private Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) =>
        Programs.RunAsync("bash", [Path.Combine(folder, "eng", "public-api"), .. arguments], folder, new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1" });

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(folder, "src", "Tiny", file), text);
}
