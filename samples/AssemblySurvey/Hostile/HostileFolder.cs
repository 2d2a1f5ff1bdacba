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

    /// <param name="sources">What damaged copies are made of.</param>
    /// <param name="countsProcesses">Something here stops what starts programs for ever.</param>
    public static HostileFolder Create(IReadOnlyList<SurveyItem> sources, bool countsProcesses)
    {
        HostileFolder made = new();
        try
        {
            made.Items = [.. DamagedCopies.Write(made.folder.FullName, sources), .. made.Crafted(countsProcesses)];
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    private IEnumerable<HostileItem> Crafted(bool countsProcesses)
    {
        yield return Craft("deep-signature.dll", "a parameter type two million levels deep", CraftedItems.WriteDeepSignature);
        yield return Craft("nested-cycle.dll", "two types nested in each other", CraftedItems.WriteNestedCycle);
        yield return Craft("doubling-text.dll", "a type whose text doubles per level", CraftedItems.WriteDoublingText);
        yield return Craft("exiting-program.dll", "a program that calls Environment.Exit(7), run by the reader", CraftedItems.WriteExitingProgram, runs: true);
        yield return Craft("sleeping-program.dll", "a program that sleeps for ever, run by the reader", CraftedPrograms.WriteSleeping, runs: true) with { Waits = true };
        yield return Craft("writing-program.dll", "a program that writes for ever, run by the reader", CraftedPrograms.WriteWriting, runs: true);
        yield return Craft("opening-program.dll", "a program that opens files for ever, run by the reader", CraftedPrograms.WriteOpening, runs: true);
        if (countsProcesses)
            yield return Craft("starting-program.dll", "a program that starts programs for ever, run by the reader", CraftedPrograms.WriteStarting, runs: true);
    }

    private HostileItem Craft(string name, string description, Action<string> write, bool runs = false)
    {
        HostileItem item = HostileItem.At(folder.FullName, name, description, runs);
        write(item.Item.Path);
        return item;
    }
}
