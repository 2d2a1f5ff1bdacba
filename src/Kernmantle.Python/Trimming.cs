using System.Diagnostics.CodeAnalysis;
using Kernmantle;

// As in Kernmantle (Trimming.cs there): what is looked up by reflection are the program's types, which the package's build assets keep whole, and what
// this library holds itself or makes collections with, which ILLink.Descriptors.xml keeps.
[assembly: UnconditionalSuppressMessage("Trimming", "IL2026", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2055", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2060", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2067", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2070", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2075", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2090", Scope = "module", Justification = Trimming.Kept)]
[assembly: UnconditionalSuppressMessage("Trimming", "IL2091", Scope = "module", Justification = Trimming.Kept)]
