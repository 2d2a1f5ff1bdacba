using AssemblySurvey.Reading;

namespace AssemblySurvey.Hostile;

/// <summary>A generated file that does damage when it is read, and what it is.</summary>
/// <param name="Waits">It uses nothing up but time.</param>
internal sealed record HostileItem(SurveyItem Item, string Description, bool Waits = false)
{
    public static HostileItem At(string folder, string name, string description, bool runs = false) =>
        new(new(Group: "hostile", name, Path.Combine(folder, name), runs), description);
}
