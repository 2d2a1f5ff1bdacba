using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Portability;

/// <summary>Whether an object of a program's own type is made whole again from its public members: every field must be one of them, or stand behind one.</summary>
internal sealed class PortableMembers(Remedies remedies)
{
    private const string Lost = "It is private and would be lost. Make it a public property with init, or pass what is needed as a record.";

    public Refusal? Check(INamedTypeSymbol type, Func<ITypeSymbol, Refusal?> walk)
    {
        List<Field> fields = [];
        for (INamedTypeSymbol? declaring = type; declaring is { SpecialType: not (SpecialType.System_Object or SpecialType.System_ValueType) }; declaring = declaring.BaseType)
        {
            if (declaring.IsPlatform())
                return new(type, $"It derives from {Refusal.Name(declaring)}. {remedies.For(declaring)}");
            fields.AddRange(Field.Of(declaring));
        }
        foreach (Field field in fields)
        {
            if ((field.IsPrivate ? new(field.Symbol, Lost) : walk(field.Type))?.Within(field.Name) is { } refusal)
                return refusal;
        }
        return Construction.Of(type) is { } construction
            ? Check(type, fields, construction)
            : new(type, "It has no public constructor. Make it a record.");
    }

    private static Refusal? Check(INamedTypeSymbol type, List<Field> fields, Construction construction)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (Field field in fields)
        {
            string? lost =
                !seen.Add(field.Name) ? "It is declared by a base as well, and one of the two would be lost."
                : !construction.Members.Contains(field.Name) ? "It is not public or marked as ignored, and would be lost. Make it public."
                : !construction.Takes(field.Name) && !field.IsSettable ? "It has no public setter or init and is no parameter of the constructor: it would be lost. Make it a record's property."
                : null;
            if (lost is not null)
                return new Refusal(field.Symbol, lost).Within(field.Name);
        }
        // What is private in other assemblies is not seen: there a parameter may well stand for it.
        return type.Locations.Any(static l => l.IsInSource) && construction.Parameters.FirstOrDefault(p => !fields.Exists(f => f.IsFor(p))) is { } unknown
            ? new(type, $"Its constructor takes '{unknown.Name}', which is none of its public members. Make it a record.")
            : null;
    }
}
