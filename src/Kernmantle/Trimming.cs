using System.Diagnostics.CodeAnalysis;
using Kernmantle;

// What this library looks up by reflection is what the program passes to it, its functions and its types, and what it holds itself. The first is kept by
// the package's build assets (buildTransitive/Kernmantle.props: code that is not marked as trimmable is kept whole), the second, and what is used of
// the platform's collections, by ILLink.Descriptors.xml. A program that decides otherwise (TrimMode=full) is warned by Kernmantle.targets, and what is missing then is refused.
// So each such look-up finds what it would find in a program that is not trimmed. eng/try-as-a-user publishes one, and has it find that out.
[assembly: UnconditionalSuppressMessage("Trimming", "IL2026", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2055", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2060", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2067", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2070", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2075", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2077", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2111", Scope = "module", Justification = Trimming.Kept)]

namespace Kernmantle;

internal static class Trimming
{
    public const string Kept = "The program's code and types are kept whole by the package's build assets, the platform's that are needed by its descriptor.";
}
