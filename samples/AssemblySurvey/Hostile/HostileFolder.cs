using AssemblySurvey.Reading;

namespace AssemblySurvey.Hostile;

/// <summary>The generated items, in a temporary folder that goes with this object.</summary>
internal sealed class HostileFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kernmantle-hostile-");

    private HostileFolder()
    {
    }

    public IReadOnlyList<HostileItem> Items { get; private set; } = [];

    public static HostileFolder Create(IReadOnlyList<SurveyItem> sources)
    {
        HostileFolder made = new();
        try
        {
            made.Items = [.. DamagedCopies.Write(made.folder.FullName, sources), .. made.Crafted()];
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    private IEnumerable<HostileItem> Crafted()
    {
        yield return Craft("deep-signature.dll", "a parameter type two million levels deep", CraftedItems.WriteDeepSignature);
        yield return Craft("nested-cycle.dll", "two types nested in each other", CraftedItems.WriteNestedCycle);
        yield return Craft("doubling-text.dll", "a type whose text doubles per level", CraftedItems.WriteDoublingText);
        yield return Craft("exiting-program.dll", "a program that calls Environment.Exit(7), run by the reader", CraftedItems.WriteExitingProgram, runs: true);
    }

    private HostileItem Craft(string name, string description, Action<string> write, bool runs = false)
    {
        HostileItem item = HostileItem.At(folder.FullName, name, description, runs);
        write(item.Item.Path);
        return item;
    }
}
